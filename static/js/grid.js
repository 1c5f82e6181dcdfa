// The programming grid: one cell has the focus, keys move it, decide in it or begin to type.
// Nothing is kept here that the table does not show; what is saved is what the server answered.

import { parse } from "./amount.js";
import { Questions } from "./grid-asking.js";
import { Cursor } from "./grid-cursor.js";
import { ask, help, isOpen } from "./grid-dialogs.js";
import { Edit } from "./grid-edit.js";
import { Live } from "./grid-live.js";
import { Marks } from "./grid-marks.js";
import { readPaste } from "./grid-paste.js";
import { Saving } from "./grid-saving.js";
import { Table, cents, format, typed } from "./grid-table.js";

const PAGE = 10; // rows
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-PAGE, 0], PageDown: [PAGE, 0] };
const SLOW = 1000; // below, no need to say that it is being saved
const COMMANDS = { a: "accept", r: "reject", d: "defer" };

class Grid {
  constructor(all) {
    this.all = all;
    this.frame = all.querySelector(".frame");
    this.table = new Table(all.querySelector("table"));
    this.state = all.querySelector(".state");
    this.news = all.querySelector(".news");
    this.here = all.querySelector(".here");
    this.steady = all.querySelector(".saved");
    this.marks = new Marks(this.table);
    this.undoable = [];
    this.redoable = [];
    this.saves = 0; // answers to what was written here
    this.cursor = new Cursor(this.table, (cell) => this.arrived(cell), (words) => this.say(words));
    this.edit = new Edit(this);
    this.questions = new Questions(this.table);
    this.saving = new Saving(this, location.pathname);
    this.live = new Live(this, this.table.table.dataset);
  }

  start() {
    const { table } = this.table;
    table.setAttribute("role", "grid");
    this.frame.removeAttribute("tabindex");
    for (const link of this.table.body.querySelectorAll("a")) link.tabIndex = -1;
    table.addEventListener("keydown", (event) => this.key(event));
    table.addEventListener("click", (event) => this.clicked(event));
    table.addEventListener("dblclick", (event) => this.edit.begin(event.target.closest("td")));
    table.addEventListener("paste", (event) => this.paste(event));
    table.addEventListener("copy", (event) => this.copy(event));
    document.addEventListener("keydown", (event) => this.keyAnywhere(event));
    this.steady.hidden = !this.table.funders.some((funder) => funder.own);
    const tools = this.all.querySelector(".tools");
    tools.hidden = false;
    tools.addEventListener("click", (event) => this.tool(event.target.closest("button")?.dataset.do));
    const strip = document.getElementById("enveloppes");
    strip.scrollLeft = /** @type {HTMLElement} */ (strip.querySelector(".is-own") ?? strip).offsetLeft - strip.offsetLeft;
    this.cursor.begin();
    this.saving.restore();
  }

  // What was refused stays told, wherever one has gone on to: it names its cell.
  arrived(cell) {
    const { faults } = this.marks;
    const fault = faults.get(cell) ?? [...faults.values()].pop();
    if (faults.has(cell) || !this.waits) this.say(fault?.message ?? "");
    this.describe();
    this.settle();
  }

  // To be seen, not heard: a screen reader reads the cell itself.
  describe() {
    const what = this.table.what(this.cursor.current);
    this.here.textContent = what ? [...this.table.about(what), this.left(what.funder)].filter(Boolean).join(", ") : "";
  }

  // What its envelopes hold, which may be one for each call.
  left({ id }) {
    const envelopes = [...document.querySelectorAll(`#enveloppes [data-of="${id}"]`)];
    return envelopes.map((each) => each.querySelector("b")?.textContent ?? "pas d'enveloppe").join(" ; ");
  }

  // Steady: what is saved at once is not told, nor is the same told again.
  settle() {
    const unsaved = this.saving.jobs.reduce((count, job) => count + job.cells.length, 0) + this.marks.faults.size;
    const s = unsaved > 1 ? "s" : "";
    const words = unsaved ? `${unsaved} montant${s} pas enregistré${s}` : "Tout est enregistré";
    clearTimeout(this.settling);
    this.settling = setTimeout(() => words !== this.steady.textContent && (this.steady.textContent = words), unsaved ? SLOW : 0);
  }

  keyAnywhere(event) {
    const typing = /** @type {HTMLElement} */ (event.target).matches("input, select, textarea");
    if (event.key !== "?" || event.defaultPrevented || typing) return;
    event.preventDefault();
    help();
  }

  key(event) {
    if (isOpen()) return;
    this.all.scrollIntoView({ block: "nearest", behavior: "instant" }); // it fills the screen
    if (event.target === this.edit.input) this.edit.key(event);
    else if (event.ctrlKey || event.metaKey) this.withControl(event);
    else if (!event.altKey) this.keyInGrid(event);
  }

  keyInGrid(event) {
    const { key } = event;
    const cell = this.cursor.current;
    if (key in STEPS) this.cursor.move(...STEPS[key]);
    else if (key === "Home") this.cursor.select(cell.parentElement.cells[0]);
    else if (key === "End") this.cursor.select(cell.parentElement.lastElementChild);
    else if (key === "Tab") return this.cursor.tab(event, cell);
    else if (key === "Enter" && cell.cellIndex === 0) return;
    else if (key === "Enter" || key === "F2") this.edit.begin(cell);
    else if (key === "Delete" || key === "Backspace") this.takeBack(cell) || this.write(cell, "");
    else if (key === "Escape") this.takeBack(cell);
    else if (key === "?") help();
    else if (key in COMMANDS) this.tool(COMMANDS[key]);
    else if (/^[^ ]$/u.test(key)) return void this.edit.begin(cell, ""); // what is no amount is told so
    else return;
    event.preventDefault();
  }

  withControl(event) {
    const rows = this.table.body.rows;
    const again = event.key.toLowerCase() === "y" || (event.key.toLowerCase() === "z" && event.shiftKey);
    if (again) this.undo(this.redoable, this.undoable);
    else if (event.key === "z") this.undo(this.undoable, this.redoable);
    else if (event.key === "ArrowDown") this.cursor.down(this.cursor.current, true);
    else if (event.key === "ArrowUp") this.cursor.down(this.cursor.current, true, "previousElementSibling");
    else if (event.key === "Home") this.cursor.select(rows[0].cells[this.cursor.current.cellIndex]);
    else if (event.key === "End") this.cursor.select(rows[rows.length - 1].cells[this.cursor.current.cellIndex]);
    else return;
    event.preventDefault();
  }

  clicked(event) {
    const cell = event.target.closest("th, td");
    if (!cell || cell.closest("thead") || event.target === this.edit.input || event.target.closest("a")) return;
    if (this.edit.cell) return this.edit.input.focus(); // what is typed there is no amount
    const again = cell === this.cursor.current && event.pointerType === "touch";
    this.cursor.select(cell);
    if (again) this.edit.begin(cell);
  }

  // What typing `text` in this cell means; then on, below `from`. `version`: that one saw, where it is
  // not what the page has now.
  async write(cell, text, from, version) {
    const why = this.table.refusalOf(cell);
    if (why) return this.say(why);
    const what = { ...this.table.what(cell), version };
    const amount = parse(text);
    const unsaved = this.marks.faults.has(cell);
    if (unsaved) this.marks.forgive(cell);
    const accepted = this.table.line(what.row, what.funder).outcome === "ACCEPTED";
    if (amount === cents(cell) && !unsaved) from && this.cursor.down(from);
    else if (what.kind === "accorde" && amount === null && !accepted) from && this.cursor.down(from);
    else {
      const action = what.kind === "propose" ? "PROPOSE" : amount === null ? "CANCELLED" : "ACCEPTED";
      await this.send(what, action, amount, from); // given up, the cell is as it was
    }
  }

  tool(name) {
    if (name === "help") return help();
    if (name === "undo") return this.undo(this.undoable, this.redoable);
    if (!this.cursor.chosen) return this.say("Choisissez d'abord le montant d'un dossier.");
    if (name === "edit") return this.edit.begin(this.cursor.current);
    const what = name && this.table.what(this.cursor.current);
    if (!what) return this.say("Placez-vous sur le montant d'un dossier.");
    const why = this.table.refusal({ ...what, kind: "accorde" });
    if (why) return this.say(why);
    if (name === "accept") return this.accept(what);
    this.send(what, name === "reject" ? "REJECTED" : "DEFERRED", null, this.cursor.current);
  }

  // As proposed, or as asked where nothing is and one says so; then the next one.
  accept(what) {
    const { requested, proposed, granted, outcome } = this.table.line(what.row, what.funder);
    if (requested === undefined || proposed === undefined) return this.say("Affichez les colonnes demandé et proposé : ce qui serait accordé ne se voit pas.");
    const amount = proposed ?? requested;
    if (!amount) return this.say("Rien n'est demandé ni proposé ici : écrivez un montant.");
    if (outcome === "ACCEPTED" && granted === amount) this.cursor.down(this.cursor.current);
    else this.send(what, "ACCEPTED", amount, this.cursor.current, proposed === null ? { text: `Rien n'est proposé : accorder les ${format(amount)} € demandés ?`, ok: "Accorder" } : {});
  }

  // `from`: the cell below which one goes on, once nothing more is asked. False: it was given up.
  async send(what, action, amount, from, question) {
    const job = await this.questions.prepare([{ ...what, action, amount }], question);
    if (!job) return this.cursor.select(this.cursor.current), false;
    this.marks.forgiveAll(job);
    this.marks.mark(job, "is-waiting");
    this.saving.add(job);
    if (from) this.cursor.down(from);
    return true;
  }

  // The server has it: what it tells comes in place of what was shown meanwhile.
  saved(job, { rows, strip, operation, kept }) {
    this.saves += 1;
    this.marks.restore(job);
    this.marks.forgiveAll(job);
    this.shown(rows);
    this.envelopes(strip);
    this.undoable.push(operation);
    this.redoable.length = 0;
    if (kept) this.say(kept);
    else if (!this.saving.jobs.length && (this.waits || !this.state.textContent)) this.say(job.cells.length > 1 ? `${job.cells.length} montants enregistrés.` : "");
  }

  shown(rows, changed) {
    for (const row of rows) this.table.apply(row, changed);
  }

  envelopes(strip) {
    if (strip === undefined) return;
    document.getElementById("enveloppes").innerHTML = strip; // our own template
    this.describe();
  }

  // What was refused last stands first to be undone: it is only here.
  takeBack(cell = [...this.marks.faults.keys()].pop()) {
    if (!this.marks.faults.has(cell)) return false;
    this.marks.forgive(cell);
    this.cursor.select(cell);
    this.say("Retiré : ce n'était pas enregistré.");
    return true;
  }

  async undo(from, to) {
    if (from === this.undoable && this.takeBack()) return;
    await this.saving.running;
    const operation = from.pop();
    if (!operation) return this.say("Rien à annuler ici.", { waits: this.saving.jobs.length > 0 });
    const path = `/contrats/${this.all.dataset.slug}/operations/${operation}/annuler`;
    let answer = await this.saving.post(path, {}, true);
    if (answer.field === "reason") {
      const again = from === this.redoable && { title: "Rétablir", text: "La programmation est validée : indiquez pourquoi ces montants reviennent." };
      const reasons = await ask({ title: "Annuler", text: answer.message, ...again, fields: [{ name: "reason", label: "Motif" }] });
      if (!reasons) return void from.push(operation);
      answer = await this.saving.post(path, reasons, true);
    }
    if (answer.status !== 200) {
      if (answer.status === 0) from.push(operation);
      return this.say(answer.message ?? "Rien n'a été annulé : plus de connexion.", { waits: this.saving.jobs.length > 0 });
    }
    to.push(answer.operation);
    this.saves += 1;
    this.saving.seen.clear(); // a line that was closed begins its versions anew
    await this.live.anew();
    this.live.quiet();
    this.undone(answer.cells);
    this.say(from === this.undoable ? "Annulé : c'est comme avant." : "Rétabli.");
  }

  // The cursor goes to what came back.
  undone([first]) {
    if (!first) return;
    const [row, funder] = [this.table.row(first.project_id), this.table.funder(first.funder_id)];
    const kind = this.table.what(this.cursor.current)?.kind ?? "accorde";
    if (row && funder && kind in funder.place) this.cursor.select(this.table.at(row, funder, kind));
  }

  async paste(event) {
    const text = event.clipboardData.getData("text/plain");
    if (event.target === this.edit.input || isOpen()) return;
    event.preventDefault();
    const what = this.table.what(this.cursor.current);
    if (!what) return;
    if (!/[\n\t]./.test(text.trim())) return void (this.edit.begin(this.cursor.current, text.trim()));
    const found = await readPaste(this.table, this.cursor.current, text);
    if (!found) return this.cursor.select(this.cursor.current);
    if (found.faults.length) return void (await ask({ title: "Rien n'est collé", text: found.why, list: found.faults, ok: "", no: "Fermer" }));
    if (!found.cells.length) return this.say("Rien à coller : ces montants y sont déjà.");
    const job = await this.questions.prepare(found.cells, { title: found.title, text: found.text, list: found.list, ok: "Coller" });
    if (!job) return this.cursor.select(this.cursor.current);
    this.marks.mark(job, "is-waiting");
    this.saving.add(job);
    this.cursor.select(this.cursor.current);
  }

  copy(event) {
    if (event.target === this.edit.input || this.cursor.current.cellIndex === 0) return;
    event.clipboardData.setData("text/plain", typed(cents(this.cursor.current)) || this.cursor.current.textContent);
    event.preventDefault();
  }

  // `waits`: true until what could not be sent is.
  say(words, { waits = false, link = undefined } = {}) {
    this.waits = waits;
    if (this.state.textContent !== words) this.state.textContent = words;
    if (link) this.state.append(" ", Object.assign(document.createElement("a"), { textContent: link[0], href: link[1], target: "_blank" }));
  }
}

new Grid(document.querySelector(".grid-all")).start();
