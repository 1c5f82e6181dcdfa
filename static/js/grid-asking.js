// What has to be said before cells are sent, asked at once: the page says which reasons are due
// (DUE of grid_cells.py), and the server has the last word.

import { ask } from "./grid-dialogs.js";
import { format, typed } from "./grid-table.js";

const SHOWN = { REJECTED: "refusé", DEFERRED: "reporté", CANCELLED: "annulé" };

export class Questions {
  constructor(table) {
    this.table = table;
    this.last = {}; // what was last answered to each
    this.sources = {}; // by funder on whose behalf one writes
  }

  // A job for `Saving` of the cells, or null when a question was given up. `question`: to read before.
  async prepare(cells, question = {}) {
    const why = /** @type {Record<string, string>} */ ({});
    const fields = this.asked(cells);
    if (fields.length || question.text) {
      const title = question.title ?? this.table.name(this.table.cellOf(cells[0]));
      const reasons = await ask({ title, ...question, fields });
      if (!reasons) return null;
      Object.assign(why, reasons);
      Object.assign(this.last, reasons);
      if (reasons.typed_from) this.sources[cells[0].funder.id] = reasons.typed_from;
    }
    why.typed_from ??= this.sources[cells[0].funder.id] ?? "";
    return { cells: cells.map((cell) => this.jobCell(cell)), why };
  }

  jobCell({ row, funder, project, action, amount, version = this.table.line(row, funder).version }) {
    return {
      project, funder: funder.id, version, action,
      amount: amount === null ? "" : typed(amount), text: SHOWN[action] ?? format(amount),
    };
  }

  // The questions that these cells raise.
  asked(cells) {
    const names = new Map();
    const { reasons } = this.table;
    const wanted = (name, label = reasons[name]) => names.set(name, names.has(name) ? reasons[name] : label);
    for (const { row, funder, action, amount } of cells) {
      const line = this.table.line(row, funder);
      const more = line.requested !== undefined && amount > (line.requested ?? 0);
      const beyond = line.version
        ? `${format(amount)} € pour ${format(line.requested ?? 0)} € demandés : pourquoi ?`
        : `Rien n'était demandé à ${funder.code} : pourquoi l'ouvrir ?`;
      for (const name of line.due[action][more ? "beyond" : "within"]) wanted(name, name === "raised_reason" ? beyond : undefined);
      if (funder.behalf && !this.sources[funder.id]) wanted("typed_from");
    }
    return [...names].map(([name, label]) => ({ name, label, value: this.last[name] }));
  }
}
