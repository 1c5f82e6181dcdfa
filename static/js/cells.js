// A table of one-character fields (`data-cells`): arrows and Enter go from cell to cell, a digit
// typed goes on to the next. Without this script Tab does.
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], Enter: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function go(input, [down, right]) {
  const rows = [...input.closest("table").tBodies[0].rows];
  const row = input.closest("tr");
  const column = [...row.querySelectorAll("input")].indexOf(input) + right;
  const next = rows[rows.indexOf(row) + down]?.querySelectorAll("input")[column];
  next?.focus();
  next?.select();
  return next;
}

const field = (event) => /** @type {HTMLInputElement} */ (event.target);

for (const table of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-cells]"))) {
  table.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || !field(event).matches("input") || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault(); // Enter would send the form
    go(field(event), step);
  });
  table.addEventListener("input", (event) => {
    if (!/^[0-9]$/.test(field(event).value)) return;
    const first = field(event).closest("tr").querySelector("input");
    if (!go(field(event), [0, 1])) go(first, [1, 0]);
  });
  table.addEventListener("focusin", (event) => field(event).matches("input") && field(event).select());
}
// A screen that is touched has no keys to speak of.
for (const hint of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".keys"))) hint.hidden = !matchMedia("(hover)").matches;
