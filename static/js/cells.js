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

for (const table of document.querySelectorAll("[data-cells]")) {
  table.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || !event.target.matches("input") || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault(); // Enter would send the form
    go(event.target, step);
  });
  table.addEventListener("input", ({ target }) => {
    if (!/^[0-9]$/.test(target.value)) return;
    const first = target.closest("tr").querySelector("input");
    if (!go(target, [0, 1])) go(first, [1, 0]);
  });
  table.addEventListener("focusin", ({ target }) => target.matches("input") && target.select());
}
for (const hint of document.querySelectorAll(".keys")) hint.hidden = false;
