// The table as it stands in the page: what each column is, what each cell holds, and its sums kept
// right when a row changes. Amounts are whole cents.

import { parse } from "./amount.js";
import { counting, outcome, put, saved } from "./grid-cell.js";

const NUMBER = /^[\d\u202f]+(,\d\d)?/; // at the start of a cell's text; its marks follow

/** What the server tells (`for_script` of grid_cells.py): of a line, with its texts by kind of column; of a
 * row, with its lines by funder. `css`: its classes.
 * @typedef {{ version: number, outcome: string, raised: boolean, texts: Record<string, string> }} ToldLine
 * @typedef {{ id: number, css: string, lines: Record<number, ToldLine>, totals: Record<string, string> }} ToldRow
 * `place`: by kind, the index of its column.
 * @typedef {{ id: number, code: string, own: boolean, behalf: string, first: number, place: Record<string, number> }} Funder
 */

/** @type {ToldLine} */
export const NO_LINE = { version: 0, outcome: "", raised: false, texts: { propose: "", accorde: "" } };

export function format(cents) {
  if (cents === null) return "";
  const [whole, rest] = [Math.floor(cents / 100), cents % 100];
  const text = String(whole).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return rest ? `${text},${String(rest).padStart(2, "0")}` : text;
}

export const typed = (cents) => format(cents).replaceAll("\u202f", "");

export const cents = (cell) => centsIn(counting(cell));

function centsIn(text) {
  const found = NUMBER.exec(text);
  return found ? parse(found[0]) : null;
}

// Whether what the server tells of a cell is what a job says of it.
export function agrees({ action, amount }, /** @type {ToldLine} */ { outcome, texts }) {
  if (action === "PROPOSE") return centsIn(texts.propose) === parse(amount);
  return outcome === action && (action !== "ACCEPTED" || centsIn(texts.accorde) === parse(amount));
}

export class Table {
  constructor(table) {
    this.table = table;
    this.body = table.tBodies[0];
    this.due = JSON.parse(table.dataset.due); // by what is true of a line (grid_cells.py)
    this.reasons = JSON.parse(table.dataset.reasons); // the words that ask for each
    this.waiting = table.dataset.waiting.split(" "); // outcomes
    const kinds = table.dataset.columns.split(",");
    this.funders = [...table.querySelectorAll("[data-funder]")].map((head, index) => /** @type {Funder} */ ({
      id: Number(head.dataset.funder),
      code: head.dataset.code,
      own: "behalf" in head.dataset,
      behalf: head.dataset.behalf ?? "",
      first: 2 + index * kinds.length,
      place: Object.fromEntries(kinds.map((kind, i) => [kind, 2 + index * kinds.length + i])),
    }));
    this.kinds = kinds;
    this.kindAt = [undefined, undefined, ...this.funders.flatMap(() => kinds)]; // by column
    this.end = 2 + this.funders.length * kinds.length;
    this.labels = [...table.tHead.rows[1].cells].map((head) => head.textContent);
    this.colour();
  }

  // One's own columns, behind all rows at once.
  colour() {
    const side = (index) => `${this.table.tHead.rows[1].cells[index].offsetLeft}px`; // there is a total after them
    const stops = this.funders.filter((each) => each.own).map(({ first }) => {
      const [from, to] = [side(first), side(first + this.kinds.length)];
      return `transparent ${from}, var(--brand-soft) ${from} ${to}, transparent ${to}`;
    });
    if (stops.length) this.body.style.backgroundImage = `linear-gradient(to right, ${stops.join(", ")})`;
  }

  // What a cell is: its row's project and its column's funder, where it has both.
  what(cell) {
    const row = cell.parentElement;
    const funder = this.funderAt(cell.cellIndex);
    if (!row.id || !funder) return null;
    return { row, funder, kind: this.kindAt[cell.cellIndex], project: Number(row.id.slice(1)) };
  }

  funderAt(index) {
    return this.funders[Math.floor((index - 2) / this.kinds.length)];
  }

  at(row, funder, kind) {
    return row.cells[funder.place[kind]];
  }

  cellOf({ row, funder, action }) {
    return this.at(row, funder, action === "PROPOSE" && "propose" in funder.place ? "propose" : "accorde");
  }

  row(project) {
    return /** @type {HTMLTableRowElement | null} */ (document.getElementById(`p${project}`));
  }

  funder(id) {
    return this.funders.find((each) => each.id === Number(id));
  }

  title(row) {
    return row.cells[0].firstElementChild.textContent;
  }

  reference(row) {
    return row.cells[0].lastElementChild.textContent.split(" · ", 1)[0];
  }

  name(cell) {
    const { row, funder, kind } = this.what(cell);
    return `${funder.code} ${this.labels[funder.place[kind]]}, ${this.title(row)}`;
  }

  // Whose project a cell is of, which funder, what was asked: in one place.
  about({ row, funder }) {
    const { requested } = this.line(row, funder);
    const asked = requested === undefined ? "" : `demandé ${format(requested) || 0}\u00a0€`;
    return [`${funder.code} · ${this.title(row)} · ${row.cells[0].lastElementChild.textContent}`, asked];
  }

  /** `known`: the call has this funder; `open`: the line is there. @param {Funder} funder */
  line(row, funder) {
    const cell = this.at(row, funder, "accorde"); // always shown
    const version = parseInt(cell.dataset.version, 10);
    const decided = !this.waiting.includes(outcome(cell));
    const is = [(version || decided) && "open", decided && "decided", row.classList.contains("is-validated") && "validated", cell.dataset.raised === "true" && "raised"];
    return {
      known: version >= 0,
      version: version || 0,
      outcome: outcome(cell),
      decided,
      due: this.due[is.filter(Boolean).join(" ")],
      requested: this.amount(row, funder, "demande"),
      proposed: this.amount(row, funder, "propose"),
      granted: this.amount(row, funder, "accorde"),
    };
  }

  // Undefined where the column is not shown.
  amount(row, funder, kind) {
    return kind in funder.place ? cents(this.at(row, funder, kind)) : undefined;
  }

  // Why a cell cannot be written, or nothing.
  refusal({ row, funder, kind }) {
    if (!funder.own) return `La colonne ${funder.code} est à une autre institution : elle se lit seulement.`;
    if (!["propose", "accorde"].includes(kind)) return "Seuls le proposé et l'accordé s'écrivent ici.";
    if (row.classList.contains("is-locked")) return "Ce dossier n'est pas encore déclaré recevable : rien ne s'y décide.";
    const line = this.line(row, funder);
    if (kind === "propose" && line.decided) return "La décision est déjà prise : révisez-la plutôt que de proposer.";
    if (!line.known) return `L'appel de ce dossier n'a pas de colonne ${funder.code}.`;
    return "";
  }

  refusalOf(cell) {
    const what = cell && this.what(cell);
    return what ? this.refusal(what) : "Cette cellule ne s'écrit pas.";
  }

  // Puts what the server tells of a row in its cells. `changed`: called with each funder whose line is
  // another one than was shown.
  /** @param {ToldRow} fresh @param {(row: HTMLTableRowElement, funder: Funder) => void} changed */
  apply(fresh, changed = () => {}) {
    const row = this.row(fresh.id);
    if (!row) return;
    const summed = Object.keys(fresh.totals);
    const before = this.counted(row, summed);
    for (const funder of this.funders) {
      const { dataset } = this.at(row, funder, "accorde");
      const { texts, ...line } = fresh.lines[funder.id] ?? { ...NO_LINE, version: NaN }; // its call does not have it
      const version = parseInt(dataset.version, 10);
      if (Object.is(line.version, version) || (line.version && line.version < version)) continue;
      Object.assign(dataset, line);
      for (const kind of summed) put(this.at(row, funder, kind), texts[kind] ?? "");
      changed(row, funder);
    }
    row.className = fresh.css + (row.classList.contains("is-validated") ? " is-validated" : "");
    const shown = this.kinds.filter((kind) => kind in fresh.totals);
    shown.forEach((kind, i) => put(row.cells[this.end + i], fresh.totals[kind]));
    this.addUp(row, before, this.counted(row, summed));
  }

  // What the row, as it is saved, adds to each sum: nothing when it is withdrawn or inadmissible.
  counted(row, summed) {
    const counts = !row.classList.contains("is-uncounted");
    return Array.from(row.cells, (cell, i) => (i && counts && [undefined, ...summed].includes(this.kindAt[i]) ? centsIn(saved(cell)) ?? 0 : 0));
  }

  addUp(row, before, after) {
    const sums = this.above(row);
    after.forEach((amount, i) => {
      if (amount === before[i]) return;
      for (const sum of sums) put(sum.cells[i], format((cents(sum.cells[i]) ?? 0) + amount - before[i]));
    });
  }

  // The rows of the groups that it stands in, and the total.
  above(row) {
    const found = [this.table.tFoot.rows[0]];
    let level = 9;
    for (let one = row.previousElementSibling; one && level > 0; one = one.previousElementSibling) {
      const own = Number(one.dataset.level ?? 9);
      if (own >= level) continue;
      level = own;
      found.push(one);
    }
    return found;
  }
}
