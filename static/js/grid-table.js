// The table as it stands in the page: what each column is, what each cell holds, and its sums kept
// right when a row changes. Amounts are whole cents.

import { parse } from "./amount.js";
import { counting, put, saved } from "./grid-cell.js";

const NUMBER = /^[\d\u202f]+(,\d\d)?/; // at the start of a cell's text; its marks follow
const OUTCOMES = { "": "PENDING", refusé: "REJECTED", reporté: "DEFERRED", annulé: "CANCELLED" };
const DECIDED = ["ACCEPTED", "REJECTED", "CANCELLED"];

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

function outcomeIn(granted) {
  const said = granted.split(" ")[0];
  return OUTCOMES[said] ?? (NUMBER.test(said) ? "ACCEPTED" : "PENDING");
}

// Whether what the server tells of a cell is what a job says of it.
export function agrees({ action, amount }, [, , proposed, granted]) {
  if (action === "PROPOSE") return centsIn(proposed) === parse(amount);
  return outcomeIn(granted) === action && (action !== "ACCEPTED" || centsIn(granted) === parse(amount));
}

export class Table {
  constructor(table) {
    this.table = table;
    this.body = table.tBodies[0];
    this.due = JSON.parse(table.dataset.due); // by what is true of a line (grid_cells.py)
    const kinds = table.dataset.columns.split(",");
    this.funders = [...table.querySelectorAll("[data-f]")].map((head, index) => ({
      id: Number(head.dataset.f),
      code: head.dataset.code,
      own: "for" in head.dataset,
      behalf: head.dataset.for ?? "",
      index,
      first: 2 + index * kinds.length,
      place: Object.fromEntries(kinds.map((kind, i) => [kind, 2 + index * kinds.length + i])),
    }));
    this.kinds = kinds;
    this.told = table.dataset.told.split(","); // of each funder, in the order of what the server tells
    this.end = 2 + this.funders.length * kinds.length;
    this.labels = [...table.tHead.rows[1].cells].map((head) => head.textContent);
    this.colour();
  }

  // One's own columns, behind all rows at once.
  colour() {
    const side = (index) => this.table.tHead.rows[1].cells[index].offsetLeft;
    const width = (from, to) => `${side(from)}px ${to < this.labels.length ? side(to) : this.table.offsetWidth}px`;
    const bands = this.funders.filter((each) => each.own).map((each) => `var(--brand-soft) ${width(each.first, each.first + this.kinds.length)}`);
    const stops = bands.map((band) => {
      const [, from, to] = band.split(" ");
      return `transparent ${from}, ${band}, transparent ${to}`;
    });
    if (stops.length) this.body.style.backgroundImage = `linear-gradient(to right, ${stops.join(", ")})`;
  }

  // What a cell is: its row's project and its column's funder, where it has both.
  what(cell) {
    const row = cell.parentElement;
    const place = cell.cellIndex - 2;
    const funder = this.funderAt(cell.cellIndex);
    if (!row.id || !funder) return null;
    return { row, funder, kind: this.kinds[place % this.kinds.length], project: Number(row.id.slice(1)) };
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

  // `known`: the call has this funder; `open`: the line is there.
  line(row, funder) {
    const text = row.dataset.v.split(",")[funder.index];
    const version = Number.parseInt(text || "0", 10);
    const outcome = outcomeIn(counting(this.at(row, funder, "accorde")));
    const decided = DECIDED.includes(outcome);
    const is = [(version || decided) && "open", decided && "decided", row.classList.contains("v") && "validated", text.endsWith("r") && "raised"];
    return {
      known: text !== "",
      version,
      outcome,
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
    if (row.classList.contains("c")) return "Ce dossier n'est pas encore déclaré recevable : rien ne s'y décide.";
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
  /** @param {(row: HTMLTableRowElement, funder: object) => void} changed */
  apply(told, changed = () => {}) {
    const row = this.row(told.id);
    if (!row) return;
    const before = this.counted(row);
    const versions = row.dataset.v.split(",");
    for (const funder of this.funders) {
      const [version, ...texts] = told.cells[funder.id] ?? [""]; // its call does not have it
      const older = Number.parseInt(version, 10) < Number.parseInt(versions[funder.index], 10);
      if (version === versions[funder.index] || (older && version !== "0")) continue;
      versions[funder.index] = version;
      this.told.forEach((kind, i) => this.show(this.at(row, funder, kind), texts[i] ?? ""));
      changed(row, funder);
    }
    row.dataset.v = versions.join(",");
    row.className = told.css + (row.classList.contains("v") ? " v" : "");
    const shown = this.kinds.filter((kind) => this.told.includes(kind));
    shown.forEach((kind, i) => this.show(row.cells[this.end + i], told.totals[this.told.indexOf(kind)]));
    this.addUp(row, before, this.counted(row));
  }

  show(cell, text) {
    if (cell) put(cell, text);
  }

  // What the row, as it is saved, adds to each sum: nothing when it is withdrawn or inadmissible.
  counted(row) {
    const counts = !row.classList.contains("o");
    return Array.from(row.cells, (cell, i) => (i && counts && ["", ...this.told].includes(this.kindOf(i)) ? centsIn(saved(cell)) ?? 0 : 0));
  }

  kindOf(index) {
    return index < 2 || index >= this.end ? "" : this.kinds[(index - 2) % this.kinds.length];
  }

  addUp(row, before, after) {
    const sums = this.above(row);
    after.forEach((amount, i) => {
      if (amount === before[i]) return;
      for (const sum of sums) this.show(sum.cells[i], format((cents(sum.cells[i]) ?? 0) + amount - before[i]));
    });
  }

  // The rows of the groups that it stands in, and the total.
  above(row) {
    const found = [this.table.tFoot.rows[0]];
    let level = 9;
    for (let one = row.previousElementSibling; one && level > 0; one = one.previousElementSibling) {
      const own = one.id ? 9 : Number(one.classList[1].slice(1));
      if (own >= level) continue;
      level = own;
      found.push(one);
    }
    return found;
  }
}
