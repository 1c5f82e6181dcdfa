// Typing in a cell, as in a spreadsheet.

import { parse, refusal } from "./amount.js";
import { close, open } from "./grid-cell.js";
import { isOpen } from "./grid-dialogs.js";
import { cents, typed } from "./grid-table.js";

export class Edit {
  constructor(grid) {
    this.grid = grid;
    this.input = Object.assign(document.createElement("input"), { className: "edit", inputMode: "decimal", autocomplete: "off" });
    this.input.addEventListener("blur", () => this.leave());
  }

  // The cell in which one types, or null.
  get cell() {
    return this.input.closest(".is-typed");
  }

  begin(cell, text) {
    if (this.cell && (cell === this.cell || !this.save())) return this.input.focus();
    const { table, cursor, marks } = this.grid;
    const why = table.refusalOf(cell);
    if (why) return this.grid.say(why);
    const { row, funder } = table.what(cell);
    this.version = table.line(row, funder).version;
    this.input.value = text ?? marks.faults.get(cell)?.typed ?? typed(cents(cell));
    this.input.setAttribute("aria-label", table.name(cell));
    this.input.removeAttribute("aria-invalid");
    cursor.rove(cell);
    open(cell, this.input);
    this.input.focus();
    if (text === undefined) this.input.select();
  }

  key(event) {
    const { cell } = this;
    if (event.key === "Escape") close(cell);
    else if (event.key === "Enter") this.save(cell);
    else if (event.key === "Tab") {
      if (!this.save() || isOpen()) return event.preventDefault();
      return this.grid.cursor.tab(event, cell);
    } else return;
    event.preventDefault();
    if (event.key === "Escape") this.grid.cursor.select(cell);
  }

  // Elsewhere was clicked: what was typed is saved.
  leave() {
    if (this.cell && !isOpen()) this.save();
  }

  // False where what is typed is no amount: one goes on typing. `from`: where to go on below.
  save(from) {
    const { cell } = this;
    const text = this.input.value;
    if (parse(text) === undefined) {
      this.input.setAttribute("aria-invalid", "true");
      this.grid.say(refusal(text));
      return false;
    }
    close(cell);
    this.grid.write(cell, text, from, this.version);
    return true;
  }
}
