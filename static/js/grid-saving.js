// Sends what is written, one thing after the other, and keeps it until the server has it: in the
// page, and in the journal should the page be closed.

import { ask } from "./grid-dialogs.js";
import { NO_LINE, agrees } from "./grid-table.js";
import { Journal, user } from "./journal.js";

const RETRY = 5000;

const writes = (job, { project, funder }) => job.cells.some((cell) => cell.project === project && cell.funder === funder);

/** As the server takes a cell, and the text that it shows meanwhile. `action`: an outcome, or `PROPOSE`.
 * @typedef {{ project: number, funder: number, version: number, action: string, amount: string, text: string }} JobCell
 * @typedef {{ cells: JobCell[], why?: Record<string, string> }} Job
 * @typedef {import("./grid-table.js").ToldRow} ToldRow
 */

// What the server's rows tell of a job's cell.
const toldOf = (/** @type {JobCell} */ { project, funder }, /** @type {ToldRow[]} */ rows) => rows.find((row) => row.id === project)?.lines[funder] ?? NO_LINE;

const keyOf = ({ project, funder, version }) => `${project}:${funder}:${version}`;

export class Saving {
  // `grid`: table, marks, saved(job, answer), shown(rows), settle() and say(words, {waits, link}).
  constructor(grid, address) {
    this.grid = grid;
    this.address = address;
    this.journal = new Journal(`${address}:grille`);
    this.jobs = /** @type {Job[]} */ ([]);
    this.seen = new Map(); // by cell and version: a later one, that one's own save made or one was told of
    this.token = /** @type {HTMLInputElement} */ (document.querySelector("[name=csrf_token]")).value;
    addEventListener("online", () => this.run());
    document.addEventListener("visibilitychange", () => this.run());
    addEventListener("beforeunload", (event) => {
      if (this.jobs.length || this.grid.marks.faults.size) event.preventDefault();
    });
  }

  // What an earlier page could not send.
  restore() {
    this.jobs = this.journal.read()?.values ?? [];
    if (!this.jobs.length) return;
    for (const job of this.jobs) this.grid.marks.mark(job, "is-kept");
    this.grid.say("Ce qui n'avait pas pu être envoyé d'ici est envoyé maintenant.", { waits: true });
    this.run();
  }

  /** @param {Job} job */
  add(job) {
    this.jobs.push(job);
    this.catchUp();
    this.keep();
    return this.run();
  }

  has(project, funder) {
    return this.jobs.some((job) => writes(job, { project, funder }));
  }

  keep() {
    if (this.jobs.length) this.journal.write({ values: this.jobs });
    else this.journal.clear();
    this.grid.settle();
  }

  run() {
    clearTimeout(this.timer);
    this.running ??= this.sendAll().finally(() => (this.running = undefined));
    return this.running;
  }

  async sendAll() {
    while (this.jobs.length) {
      const job = this.jobs[0];
      const answer = await this.post("/cellules", { cells: job.cells, ...job.why });
      if (!(await this.answered(job, answer))) return;
      this.keep();
      for (const each of this.jobs) this.grid.marks.mark(each, "is-waiting");
    }
  }

  // Resolves to whether to go on with the next.
  async answered(job, answer) {
    if (answer.status === 200) return this.done(job, answer);
    if (answer.status === 409 && answer.rows) return this.conflict(job, answer);
    if (answer.status === 422 && answer.field in this.grid.table.reasons) return this.askFor(job, answer);
    if (answer.status === 401) return this.wait(answer.message ?? "Vous êtes déconnecté.", true);
    if (answer.status === 0) return this.wait("Pas enregistré : plus de connexion, gardé sur cet appareil.");
    if (answer.status >= 500) return this.wait("Pas enregistré : le site ne répond pas, gardé sur cet appareil.");
    return this.drop(job, answer.message ?? "Refusé par le site.", answer);
  }

  done(job, answer) {
    this.jobs.shift();
    for (const cell of job.cells) this.follow(cell, answer.rows);
    this.catchUp();
    this.grid.saved(job, answer);
    return true;
  }

  /** @param {JobCell} cell @param {ToldRow[]} rows */
  follow(cell, rows) {
    const now = toldOf(cell, rows).version;
    if (now > cell.version) this.seen.set(keyOf(cell), now);
    else if (now < cell.version) this.seen.clear(); // the line was closed: its versions begin anew
    cell.version = now;
  }

  // What was written over what one's own save has changed, and over nothing else: elsewhere somebody
  // may have written meanwhile, which was not seen.
  catchUp() {
    for (const cell of this.jobs.flatMap((job) => job.cells)) {
      while (this.seen.has(keyOf(cell))) cell.version = this.seen.get(keyOf(cell));
    }
  }

  drop(job, message, answer = {}) {
    this.jobs.shift();
    this.grid.say(this.grid.marks.refuse(job, message, answer));
    return true;
  }

  wait(message, signIn = false) {
    for (const each of this.jobs) this.grid.marks.mark(each, "is-kept");
    const link = signIn && ["Se reconnecter", `/connexion?next=${encodeURIComponent(location.pathname)}`];
    this.grid.say(message, { waits: true, link });
    this.grid.settle();
    this.timer = setTimeout(() => this.run(), RETRY);
    return false;
  }

  async askFor(job, { message, field }) {
    const reasons = await ask({ title: this.grid.marks.nameOf(job), text: message, fields: [{ name: field, label: this.grid.table.reasons[field] }] });
    if (reasons) Object.assign(job.why, reasons);
    else this.giveUp(job);
    return true;
  }

  // Theirs is in the cell while one chooses; the journal keeps ours until then. The same value is no
  // conflict: it may be our own save, whose answer was lost.
  async conflict(job, answer) {
    this.grid.marks.restore(job);
    this.grid.shown(answer.rows);
    if (job.cells.every((cell) => agrees(cell, toldOf(cell, answer.rows)))) {
      this.jobs.shift();
      return true;
    }
    const cell = job.cells.find((each) => each.project === answer.project && each.funder === answer.funder);
    const mine = await ask({
      title: `${answer.by ?? "Quelqu'un"} a écrit ici entre-temps`,
      text: `${this.grid.marks.nameOf({ cells: [cell] })}. ${answer.message} Vous : ${cell.text}.`,
      ok: "Mettre le mien", no: job.cells.length > 1 ? "Ne rien coller" : "Garder le sien", chosen: true,
    });
    if (mine) this.follow(cell, answer.rows); // this one, which was seen
    else this.giveUp(job, "Laissé comme c'était.");
    this.catchUp();
    return true;
  }

  // With what was written over it, and nowhere else.
  giveUp(job, words = "") {
    const gone = (each) => each.cells.every((cell) => writes(job, cell));
    for (const each of this.jobs.filter(gone)) this.grid.marks.restore(each);
    this.jobs = this.jobs.filter((each) => !gone(each));
    this.grid.say(words, { waits: this.jobs.length > 0 });
  }

  // Resolves to the answer with its status; 0 without network.
  async post(path, body, form = false) {
    const headers = { Accept: "application/json", "X-CSRFToken": this.token };
    if (!form) headers["Content-Type"] = "application/json";
    try {
      const sent = form ? new URLSearchParams(body) : JSON.stringify(body);
      const answer = await fetch(form ? path : this.address + path, { method: "POST", body: sent, headers });
      const reply = { ...(await answer.json()), status: answer.status };
      if (!reply.token) return reply;
      if (String(reply.user) !== user) return { status: 401, message: "Une autre personne s'est connectée : reconnectez-vous." };
      this.token = reply.token; // signed in again since this page was opened
    } catch {
      return { status: 0 };
    }
    return this.post(path, body, form);
  }
}
