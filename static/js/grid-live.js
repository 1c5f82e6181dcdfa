// What others have changed, asked every few seconds while the page is in view.

import { saved } from "./grid-cell.js";

const EVERY = 3000;
const FLASH = 4000;
const NEWS = 10_000;

export class Live {
  constructor(grid, { at, seen }) {
    this.grid = grid;
    this.at = at;
    this.seen = seen;
    this.moved = new Set();
    setInterval(() => document.hidden || this.look(), EVERY);
    document.addEventListener("visibilitychange", () => document.hidden || this.look());
  }

  look() {
    this.looking ??= this.ask().finally(() => (this.looking = undefined));
    return this.looking;
  }

  // What is asked only now.
  async anew() {
    await this.looking;
    return this.look();
  }

  // An answer that crossed one's own save tells of before it: the next look tells it again.
  async ask() {
    const { saves } = this.grid;
    let changes;
    try {
      const answer = await fetch(`${location.pathname}/changements?depuis=${this.at}&vu=${this.seen}`, {
        headers: { Accept: "application/json" },
      });
      if (!answer.ok) return;
      changes = await answer.json();
    } catch {
      return; // No network: the next look tells.
    }
    if (saves !== this.grid.saves) return;
    this.at = changes.at;
    this.grid.shown(changes.rows, (row, funder) => {
      const project = Number(row.id.slice(1));
      if (!this.grid.saving.has(project, funder.id)) this.tell(row, funder, changes.by[project]?.[funder.id]);
    });
    if (changes.rows.length) this.grid.envelopes(changes.strip);
    this.gone(Object.values(changes.moved ?? {}), changes.reload);
  }

  // Who changed it, for a moment in colour; a screen reader says it when nothing else is being said.
  tell(row, funder, who) {
    if (!who) return;
    const { table, news } = this.grid;
    const shown = ["propose", "accorde"].filter((kind) => kind in funder.place);
    for (const cell of shown.map((kind) => table.at(row, funder, kind))) {
      if (cell.className) continue;
      cell.className = "is-changed";
      cell.title = `Changé par ${who}`;
      setTimeout(() => cell.classList.remove("is-changed"), FLASH);
    }
    const amounts = shown.map((kind) => `${table.labels[funder.place[kind]]} ${saved(table.at(row, funder, kind)) || "rien"}`);
    clearTimeout(this.fading);
    this.fading = setTimeout(() => this.quiet(), NEWS);
    news.textContent = `${who} : ${funder.code}, ${table.title(row)}, ${amounts.join(", ")}.`;
  }

  quiet() {
    this.grid.news.textContent = "";
  }

  gone(projects, reload) {
    const filtered = location.search.length > 1;
    for (const id of projects) if (this.grid.table.row(id) || !filtered) this.moved.add(id);
    if (!this.moved.size && !reload) return;
    const box = this.grid.all.querySelector(".moved");
    const count = this.moved.size;
    const words = reload ? "Beaucoup de choses ont changé" : count > 1 ? `${count} dossiers ont changé d'état ou de place` : "Un dossier a changé d'état ou de place";
    if (box.firstChild?.textContent !== words) {
      box.replaceChildren(words, " : ", Object.assign(document.createElement("a"), { href: location.href.split("#")[0], textContent: "recharger la page" }));
    }
    box.hidden = false;
  }
}
