// What one cell shows: what is saved; over it, what waits or was refused; over both, what is being
// typed. Whoever writes one leaves the others as they are.

const MARKS = ["w", "k", "x", "f"];

const typing = (cell) => cell.classList.contains("i");

// The text of what the server has, whatever covers it.
export const saved = (cell) => cell.dataset.saved ?? cell.textContent;

// What counts as its text here: what waits is on its way, what was refused is not.
export const counting = (cell) => (cell.classList.contains("x") ? undefined : cell.dataset.said) ?? saved(cell);

function paint(cell) {
  if (typing(cell)) return;
  const { saved: below, said } = cell.dataset;
  cell.textContent = said ?? below;
  if (said === undefined) delete cell.dataset.saved;
}

// What the server tells.
export function put(cell, text) {
  if ("saved" in cell.dataset) cell.dataset.saved = text;
  else if (cell.textContent !== text) cell.textContent = text;
}

// `css`: `w` on its way, `k` kept here until the server answers, `x` refused.
export function lay(cell, text, css) {
  cell.dataset.saved ??= cell.textContent;
  cell.dataset.said = text;
  cell.classList.remove(...MARKS);
  cell.classList.add(css);
  paint(cell);
}

export function lift(cell) {
  delete cell.dataset.said;
  cell.classList.remove(...MARKS);
  if ("saved" in cell.dataset) paint(cell);
}

export function open(cell, input) {
  cell.dataset.saved ??= cell.textContent;
  cell.classList.add("i");
  cell.replaceChildren(input);
}

export function close(cell) {
  cell.classList.remove("i");
  paint(cell);
}
