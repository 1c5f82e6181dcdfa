// What one cell shows: what is saved; over it, what waits or was refused; over both, what is being
// typed. Whoever writes one leaves the others as they are.

const MARKS = ["is-waiting", "is-kept", "is-refused", "is-changed"];

const typing = (cell) => cell.classList.contains("is-typed");

// The text of what the server has, whatever covers it.
export const saved = (cell) => cell.dataset.saved ?? cell.textContent;

// What counts as its text and its outcome here: what waits is on its way, what was refused is not.
export const counting = (cell) => (cell.classList.contains("is-refused") ? undefined : cell.dataset.pending) ?? saved(cell);
export const outcome = (cell) => cell.dataset.pendingOutcome || cell.dataset.outcome || "PENDING";

function paint(cell) {
  if (typing(cell)) return;
  const { saved: below, pending } = cell.dataset;
  cell.textContent = pending ?? below;
  if (pending === undefined) delete cell.dataset.saved;
}

// What the server tells, where the cell is shown.
export function put(cell, text) {
  if (cell && "saved" in cell.dataset) cell.dataset.saved = text;
  else if (cell && cell.textContent !== text) cell.textContent = text;
}

// `css`: `is-waiting` on its way, `is-kept` here until the server answers, `is-refused`. `pendingOutcome`: where it decides.
export function lay(cell, text, css, pendingOutcome = "") {
  cell.dataset.saved ??= cell.textContent;
  Object.assign(cell.dataset, { pending: text, pendingOutcome });
  cell.classList.remove(...MARKS);
  cell.classList.add(css);
  paint(cell);
}

export function lift(cell) {
  for (const name of ["pending", "pendingOutcome"]) delete cell.dataset[name];
  cell.classList.remove(...MARKS);
  if ("saved" in cell.dataset) paint(cell);
}

export function open(cell, input) {
  cell.dataset.saved ??= cell.textContent;
  cell.classList.add("is-typed");
  cell.replaceChildren(input);
}

export function close(cell) {
  cell.classList.remove("is-typed");
  paint(cell);
}
