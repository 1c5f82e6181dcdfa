// The programming grid: one cell has the focus, keys move it, decide in it or begin to type.
// Nothing is kept here that the table does not show; what is saved is what the server answered.

const { search } = new URL(import.meta.url);
const [{ Table, cents, format, parse, typed }, { ask, help, isOpen }, { LABELS, Saving }, { readPaste }, { Live }] =
  await Promise.all(["table", "dialogs", "saving", "paste", "live"].map((name) => import(`./grid-${name}.js${search}`)));

const PAGE = 10; // rows
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-PAGE, 0], PageDown: [PAGE, 0] };
const SHOWN = { REJECTED: "refusé", DEFERRED: "reporté", CANCELLED: "annulé" };

class Grid {
  constructor(all) {
    this.all = all;
    this.frame = all.querySelector(".frame");
    this.table = new Table(all.querySelector("table"));
    this.state = all.querySelector(".state");
    this.news = all.querySelector(".news");
    this.input = Object.assign(document.createElement("input"), { className: "edit", inputMode: "decimal", autocomplete: "off" });
    this.faults = new Map(); // by cell: what was typed and why it is not saved
    this.last = {}; // what was last answered to each question
    this.sources = {}; // by funder on whose behalf one writes
    this.undoable = [];
    this.redoable = [];
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
    table.addEventListener("dblclick", (event) => this.edit(event.target.closest("td")));
    table.addEventListener("paste", (event) => this.paste(event));
    table.addEventListener("copy", (event) => this.copy(event));
    this.input.addEventListener("blur", () => this.leave());
    const tools = this.all.querySelector(".tools");
    tools.hidden = false;
    tools.addEventListener("click", (event) => this.tool(event.target.closest("button")?.dataset.do));
    this.begin();
    this.saving.restore();
  }

  begin() {
    const asked = location.hash.length > 1 && this.table.body.querySelector(`tr${CSS.escape(location.hash).replace("\\#", "#")}`);
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
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.state.textContent = this.faults.get(cell)?.message ?? "";
  }

  key(event) {
    if (isOpen()) return;
    if (event.target === this.input) this.keyInEdit(event);
    else if (event.ctrlKey || event.metaKey) this.withControl(event);
    else if (!event.altKey) this.keyInGrid(event);
  }

  keyInGrid(event) {
    const { key } = event;
    const cell = this.current;
    if (key in STEPS) this.move(...STEPS[key]);
    else if (key === "Home") this.select(cell.parentElement.cells[0]);
    else if (key === "End") this.select(cell.parentElement.lastElementChild);
    else if (key === "Tab") return this.tab(event, cell);
    else if (key === "Enter" && cell.cellIndex === 0) return;
    else if (key === "Enter" || key === "F2") this.edit(cell);
    else if (/^[\d,.]$/.test(key)) return void this.edit(cell, "");
    else if (key === "Delete" || key === "Backspace") this.write(cell, "");
    else if (key === "?") help();
    else if ("ard".includes(key) && key) this.tool({ a: "accept", r: "reject", d: "defer" }[key]);
    else return;
    event.preventDefault();
  }

  withControl(event) {
    const rows = this.table.body.rows;
    const again = event.key.toLowerCase() === "y" || (event.key.toLowerCase() === "z" && event.shiftKey);
    if (again) this.undo(this.redoable, this.undoable);
    else if (event.key === "z") this.undo(this.undoable, this.redoable);
    else if (event.key === "ArrowDown") this.down(this.current, true);
    else if (event.key === "ArrowUp") this.down(this.current, true, "previousElementSibling");
    else if (event.key === "Home") this.select(rows[0].cells[this.current.cellIndex]);
    else if (event.key === "End") this.select(rows[rows.length - 1].cells[this.current.cellIndex]);
    else return;
    event.preventDefault();
  }

  keyInEdit(event) {
    const cell = this.current;
    if (event.key === "Escape") this.close(cell, this.before);
    else if (event.key === "Enter") {
      if (!this.save(cell)) return;
      this.down(cell);
    } else if (event.key === "Tab") {
      if (!this.save(cell)) return event.preventDefault();
      return this.tab(event, cell);
    } else return;
    event.preventDefault();
    if (event.key === "Escape") this.select(cell);
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
    if (!funder) return;
    for (let row = cell.parentElement[step]; row; row = row[step]) {
      if (!row.id || row.classList.contains("c")) continue;
      const line = this.table.line(row, funder);
      if (line.version && !(waiting && line.decided)) return this.select(row.cells[cell.cellIndex]);
    }
    this.select(cell);
    this.say(waiting ? `Plus rien à décider par ici dans ${funder.code}.` : `Fin de la colonne ${funder.code}.`);
  }

  clicked(event) {
    const cell = event.target.closest("th, td");
    if (!cell || cell.closest("thead") || event.target === this.input || event.target.closest("a")) return;
    const again = cell === this.current && event.pointerType === "touch";
    this.select(cell);
    if (again) this.edit(cell);
  }

  edit(cell, text) {
    const what = cell && this.table.what(cell);
    const why = what ? this.table.refusal(what) : "Cette cellule ne s'écrit pas.";
    if (why) return this.say(why);
    this.before = cell.textContent;
    this.input.value = text ?? this.faults.get(cell)?.typed ?? typed(cents(cell));
    this.input.setAttribute("aria-label", this.table.name(cell));
    this.input.removeAttribute("aria-invalid");
    this.rove(cell);
    cell.replaceChildren(this.input);
    cell.classList.add("i");
    this.input.focus();
    if (text === undefined) this.input.select();
  }

  get editing() {
    return this.input.isConnected;
  }

  close(cell, text) {
    this.closing = true;
    cell.textContent = text;
    cell.classList.remove("i");
    this.closing = false;
  }

  // Elsewhere was clicked: what was typed is saved, as in a spreadsheet.
  leave() {
    if (!this.closing && this.editing && !isOpen()) this.save(this.input.parentElement);
  }

  // False where what is typed is no amount: one goes on typing.
  save(cell) {
    const text = this.input.value;
    if (parse(text) === undefined) {
      this.input.setAttribute("aria-invalid", "true");
      this.say(`« ${text} » n'est pas un montant. Écrivez des chiffres, par exemple 12000 ou 12 000,50 ; 12k vaut 12 000.`);
      return false;
    }
    this.close(cell, this.before);
    this.write(cell, text);
    return true;
  }

  // What typing `text` in this cell means.
  write(cell, text) {
    const what = this.table.what(cell);
    const why = what ? this.table.refusal(what) : "Cette cellule ne s'écrit pas.";
    if (why) return this.say(why);
    const amount = parse(text);
    const unsaved = this.faults.get(cell);
    if (unsaved) this.forgive(cell);
    if (amount === cents(cell) && !unsaved) return;
    if (what.kind === "propose") this.send(what, "PROPOSE", amount);
    else if (amount !== null) this.send(what, "ACCEPTED", amount);
    else if (this.table.line(what.row, what.funder).outcome === "ACCEPTED") this.send(what, "CANCELLED", null);
  }

  tool(name) {
    if (name === "help") return help();
    if (name === "undo") return this.undo(this.undoable, this.redoable);
    if (name === "edit") return this.edit(this.current);
    const what = name && this.table.what(this.current);
    if (!what) return;
    const cell = this.table.at(what.row, what.funder, "accorde");
    const why = this.table.refusal({ ...what, kind: "accorde" });
    if (why) return this.say(why);
    if (name === "accept") return this.accept(cell, what);
    this.send(what, name === "reject" ? "REJECTED" : "DEFERRED", null, () => this.down(this.current));
  }

  // As proposed, or as asked where nothing is; then the next one.
  accept(cell, what) {
    const { requested, proposed, granted, outcome } = this.table.line(what.row, what.funder);
    if (requested === undefined || proposed === undefined) return this.say("Affichez les colonnes demandé et proposé : ce qui serait accordé ne se voit pas.");
    const amount = proposed ?? requested;
    if (!amount) return this.say("Rien n'est demandé ni proposé ici : écrivez un montant.");
    if (outcome === "ACCEPTED" && granted === amount) this.down(this.current);
    else this.send(what, "ACCEPTED", amount, () => this.down(this.current));
  }

  // Asks at once what the server would; `then`: where one goes on, once nothing more is asked.
  async send(what, action, amount, then = () => {}) {
    const job = await this.prepare([{ ...what, action, amount }]);
    if (!job) return this.select(this.current);
    this.mark(job, "w");
    this.saving.add(job);
    then();
  }

  // A job for `Saving` of the cells, or null when a question was given up. `list`: to read before.
  async prepare(cells, question = {}) {
    const why = {};
    const fields = this.asked(cells);
    if (fields.length || question.list) {
      const title = question.title ?? this.table.name(this.cellOf(cells[0]));
      const said = await ask({ title, ...question, fields });
      if (!said) return null;
      Object.assign(why, said);
      Object.assign(this.last, said);
      if (said.typed_from) this.sources[cells[0].funder.id] = said.typed_from;
    }
    why.typed_from ??= this.sources[cells[0].funder.id] ?? "";
    return { cells: cells.map((cell) => this.told_to_server(cell)), why };
  }

  told_to_server({ row, funder, project, action, amount }) {
    return {
      project, funder: funder.id, version: this.table.line(row, funder).version, action,
      amount: amount === null ? "" : typed(amount), text: SHOWN[action] ?? format(amount),
    };
  }

  // The questions that these cells raise (grants/domain/funding.py); the server has the last word.
  asked(cells) {
    const names = new Set();
    for (const { row, funder, action, amount } of cells) {
      const line = this.table.line(row, funder);
      const cancels = action === "CANCELLED";
      const more = action === "ACCEPTED" && line.requested !== undefined && amount > (line.requested ?? 0);
      if (action === "REJECTED" || cancels) names.add("reason");
      if (!line.version || (more && (!line.raised || line.decided))) names.add("raised_reason");
      if (!cancels && (line.validated || (line.decided && action !== "PROPOSE"))) names.add("revision_reason");
      if (funder.behalf && !this.sources[funder.id]) names.add("typed_from");
    }
    return [...names].map((name) => ({ name, label: LABELS[name], value: this.last[name] }));
  }

  cellOf({ row, funder, action }) {
    return this.table.at(row, funder, action === "PROPOSE" && "propose" in funder.place ? "propose" : "accorde");
  }

  // The cells of a job in the page: [cell, what the job says of it].
  cellsOf(job) {
    return job.cells
      .map((said) => [this.table.row(said.project), this.table.funder(said.funder), said])
      .filter(([row, funder]) => row && funder)
      .map(([row, funder, said]) => [this.cellOf({ row, funder, action: said.action }), said]);
  }

  nameOf(job) {
    const [found] = this.cellsOf(job);
    return job.cells.length === 1 && found ? this.table.name(found[0]) : `${job.cells.length} montants`;
  }

  // `css`: `w` on its way, `k` kept here until the server answers.
  mark(job, css) {
    for (const [cell, said] of this.cellsOf(job)) {
      cell.dataset.old ??= cell.textContent;
      cell.textContent = said.text;
      cell.className = css;
    }
  }

  restore(job) {
    for (const [cell] of this.cellsOf(job)) {
      if ("old" in cell.dataset) cell.textContent = cell.dataset.old;
      delete cell.dataset.old;
      cell.removeAttribute("class");
    }
  }

  // The server has it: what it tells comes in place of what was shown meanwhile.
  told(job, { rows, strip, operation }) {
    this.restore(job);
    this.shown(rows);
    this.envelopes(strip);
    this.undoable.push(operation);
    this.redoable.length = 0;
    if (!this.saving.jobs.length) this.say(job.cells.length > 1 ? `${job.cells.length} montants enregistrés.` : "Enregistré.");
  }

  shown(rows, changed) {
    const skip = (row, funder) => this.busy(row, funder);
    for (const row of rows) this.table.apply(row, { skip, changed });
  }

  busy(row, funder) {
    const project = Number(row.id.slice(1));
    const what = this.editing && this.table.what(this.input.parentElement);
    return (what && what.row === row && what.funder === funder) || this.saving.has(project, funder.id);
  }

  envelopes(strip) {
    if (strip !== undefined) document.getElementById("enveloppes").innerHTML = strip; // our own template
  }

  // Refused: what was typed stays in the cell, with the reason.
  failed(job, message, { project, funder } = {}) {
    this.restore(job);
    for (const [cell, said] of this.cellsOf(job)) {
      if (project && (said.project !== project || said.funder !== funder)) continue;
      this.faults.set(cell, { message, typed: said.amount, old: cell.textContent });
      if (said.amount) cell.textContent = said.text;
      cell.className = "x";
      cell.title = message;
      cell.setAttribute("aria-invalid", "true");
    }
    this.say(`Pas enregistré. ${this.nameOf(job)} : ${message}`);
  }

  forgive(cell) {
    cell.textContent = this.faults.get(cell).old;
    this.faults.delete(cell);
    for (const name of ["class", "title", "aria-invalid"]) cell.removeAttribute(name);
  }

  // After a conflict: the same once more, over what is there now.
  again(job) {
    const cells = job.cells.map((said) => {
      const [row, funder] = [this.table.row(said.project), this.table.funder(said.funder)];
      return { row, funder, project: said.project, action: said.action, amount: parse(said.amount) };
    });
    return this.prepare(cells);
  }

  async undo(from, to) {
    await this.saving.running;
    const operation = from.pop();
    if (!operation) return this.say("Rien à annuler ici.");
    const path = `/contrats/${this.all.dataset.slug}/operations/${operation}/annuler`;
    let answer = await this.saving.post(path, {}, true);
    if (answer.field === "reason") {
      const said = await ask({ title: "Annuler", text: answer.message, fields: [{ name: "reason", label: "Motif" }] });
      if (!said) return void from.push(operation);
      answer = await this.saving.post(path, said, true);
    }
    if (answer.status !== 200) {
      if (answer.status === 0) from.push(operation);
      return this.say(`Rien n'a été annulé. ${answer.message ?? "Plus de connexion."}`);
    }
    to.push(answer.operation);
    await this.live.look();
    this.say(from === this.undoable ? "Annulé : c'est comme avant." : "Rétabli.");
  }

  async paste(event) {
    const text = event.clipboardData.getData("text/plain");
    if (event.target === this.input || isOpen()) return;
    event.preventDefault();
    const what = this.table.what(this.current);
    if (!what) return;
    if (!/\n./.test(text.trimEnd())) return void (this.edit(this.current, text.trim()));
    const found = readPaste(this.table, this.current, text);
    if (found.faults.length) return void (await ask({ title: "Rien n'est collé", text: found.why, list: found.faults, ok: "", no: "Fermer" }));
    if (!found.cells.length) return this.say("Rien à coller : ces montants y sont déjà.");
    const job = await this.prepare(found.cells, { title: found.title, text: found.text, list: found.list, ok: "Coller" });
    if (!job) return this.select(this.current);
    this.mark(job, "w");
    this.saving.add(job);
    this.select(this.current);
  }

  copy(event) {
    if (event.target === this.input || this.current.cellIndex === 0) return;
    event.clipboardData.setData("text/plain", typed(cents(this.current)) || this.current.textContent);
    event.preventDefault();
  }

  say(words, link) {
    this.state.textContent = words;
    if (link) this.state.append(" ", Object.assign(document.createElement("a"), { textContent: link[0], href: link[1], target: "_blank" }));
  }
}

const all = document.querySelector(".grid-all");
if (all) new Grid(all).start();
