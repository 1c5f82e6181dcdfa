// The one cell of the grid that has the focus, or would take it back: where keys move it.

export class Cursor {
  // `arrived(cell)` is called when the focus has come to a cell, `say(words)` where it can go no further.
  constructor(table, arrived, say) {
    this.table = table;
    this.arrived = arrived;
    this.say = say;
    // Until somebody has been in a cell, none is meant by a press on a tool.
    this.chosen = false;
    table.table.addEventListener("focusin", () => (this.chosen = true));
  }

  begin() {
    const asked = /^#p\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
    const row = asked || this.table.body.querySelector("tr[id]");
    const funder = this.table.funders.find((each) => each.own && this.table.line(row, each).known);
    const cell = funder ? this.table.at(row, funder, "accorde") : row.cells[0];
    if (asked) this.select(cell);
    else this.rove(cell);
  }

  // Where the focus is, or would come back to.
  rove(cell) {
    this.current?.removeAttribute("tabindex");
    if (this.current?.cellIndex === 0) this.target(this.current).tabIndex = -1;
    this.current = cell;
    this.target(cell).tabIndex = 0;
  }

  target(cell) {
    return (cell.cellIndex === 0 && cell.querySelector("a")) || cell;
  }

  select(cell) {
    this.rove(cell);
    const what = this.table.what(cell);
    if (what) cell.setAttribute("aria-readonly", String(this.table.refusal(what) !== ""));
    this.target(cell).focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
    this.arrived(cell);
  }

  move(down, right) {
    const { table } = this.table;
    const from = this.current.parentElement.rowIndex;
    const heads = table.tHead.rows.length;
    const row = table.rows[Math.min(Math.max(from + down, heads), table.rows.length - 1)];
    this.select(row.cells[Math.min(Math.max(this.current.cellIndex + right, 0), row.cells.length - 1)]);
  }

  // To the next cell of one's own in the row; after the last one, out of the grid.
  tab(event, cell) {
    const step = event.shiftKey ? "previousElementSibling" : "nextElementSibling";
    for (let one = cell[step]; one; one = one[step]) {
      const what = this.table.what(one);
      if (!what || this.table.refusal(what)) continue;
      event.preventDefault();
      return this.select(one);
    }
  }

  // To the next project that asked this column's funder; with `waiting`, that it must decide on.
  down(cell, waiting = false, step = "nextElementSibling") {
    const funder = this.table.funderAt(cell.cellIndex);
    if (!funder) return this.say("Placez-vous dans la colonne d'un financeur.");
    for (let row = cell.parentElement[step]; row; row = row[step]) {
      if (!row.id || row.classList.contains("is-locked")) continue;
      const line = this.table.line(row, funder);
      if (line.version && !(waiting && line.decided)) return this.select(row.cells[cell.cellIndex]);
    }
    this.select(cell);
    this.say(waiting ? `Plus rien à décider par ici dans ${funder.code}.` : `Fin de la colonne ${funder.code}.`);
  }
}
