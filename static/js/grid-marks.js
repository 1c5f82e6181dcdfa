// How the page shows what is on its way to the server, what is kept here, and what was refused.

import { lay, lift, saved } from "./grid-cell.js";

export class Marks {
  constructor(table) {
    this.table = table;
    this.faults = new Map(); // by cell: what was typed and why it is not saved
  }

  // The cells of a job in the page: [cell, its part of the job].
  cellsOf(job) {
    return job.cells
      .map((part) => [this.table.row(part.project), this.table.funder(part.funder), part])
      .filter(([row, funder]) => row && funder)
      .map(([row, funder, part]) => [this.table.cellOf({ row, funder, action: part.action }), part]);
  }

  nameOf(job) {
    const [first] = this.cellsOf(job);
    if (job.cells.length > 1) return `${job.cells.length} montants`;
    return first ? this.table.name(first[0]) : `Un montant d'un dossier que le filtre cache (${job.cells[0].text})`;
  }

  /** @param {import("./grid-saving.js").Job} job @param {string} css as in grid-cell.js */
  mark(job, css) {
    for (const [cell, { text, action }] of this.cellsOf(job)) lay(cell, text, css, action === "PROPOSE" ? "" : action);
  }

  restore(job) {
    for (const [cell] of this.cellsOf(job)) lift(cell);
  }

  // Refused: what was typed stays in the cell, with the reason; in words that name it: one may have gone on.
  refuse(job, why, { project, funder } = { project: 0, funder: 0 }) {
    this.restore(job);
    const cells = job.cells.filter((part) => !project || (part.project === project && part.funder === funder));
    const all = cells.length < job.cells.length ? ` Aucun des ${this.nameOf(job)} ne l'est.` : "";
    const message = `Pas enregistré.${all} ${this.nameOf({ cells })} : ${why}`;
    for (const [cell, part] of this.cellsOf({ cells })) {
      this.faults.set(cell, { message, typed: part.amount });
      lay(cell, part.amount ? part.text : saved(cell), "is-refused");
      cell.title = why;
      cell.setAttribute("aria-invalid", "true");
    }
    return message;
  }

  forgiveAll(job) {
    for (const [cell] of this.cellsOf(job)) if (this.faults.has(cell)) this.forgive(cell);
  }

  forgive(cell) {
    this.faults.delete(cell);
    lift(cell);
    for (const name of ["title", "aria-invalid"]) cell.removeAttribute(name);
  }
}
