// A page of the dossier saves itself while it is typed in: the same form, sent to the same address,
// answered in JSON (grants/web/applicant/autosave.py). What cannot be sent waits in the journal.

import { fill, of, put, read, same, written } from "./fields.js";
import { Journal, user } from "./journal.js";

const PAUSE = 1500; // without a key pressed
const RETRY = 5000;
const SLOW = 600; // below, no need to say that it is being saved
const MOST_ON_LEAVING = 60_000; // browsers let a page that closes send 64 KiB
// « 21 novembre 2026 à 02 h 22 », as the server says it wherever one is.
function inParis(at) {
  const [date, time] = ["dateStyle", "timeStyle"].map((style) =>
    new Date(at).toLocaleString("fr-FR", { [style]: style === "dateStyle" ? "long" : "short", timeZone: "Europe/Paris" }));
  return `${date} à ${time.replace(":", "\u00a0h\u00a0")}`;
}

// Of a version (grants/web/versioned.py): what was seen of each field.
const marks = (version) => new Map(version.split(";")[1].split(",").map((pair) => pair.split("=")));
const KEPT = "gardé sur cet appareil";

const asks = (question) => [question.textContent, ...[...question.querySelectorAll("input")].map((one) => one.value)].join();

class Autosave {
  constructor(form) {
    this.form = form;
    this.line = form.querySelector(".autosave");
    this.journal = new Journal(location.pathname);
    // What the server holds, as far as we know; nothing of a page that it has just refused.
    this.stored = "unsaved" in form.dataset ? null : written(form);
    this.refused = undefined; // what of this page the server has refused
    this.asked = form.querySelector("[data-questions]");
  }

  start() {
    this.say("Cette page s'enregistre toute seule.");
    const back = this.form.querySelector("[data-autosaved]");
    if (back) back.textContent = back.dataset.autosaved;
    this.form.addEventListener("input", () => this.typed());
    this.form.addEventListener("change", () => this.typed());
    this.form.addEventListener("submit", (event) => this.submitted(event));
    document.addEventListener("visibilitychange", () => this.save({ leaving: document.hidden }));
    addEventListener("pagehide", () => this.save({ leaving: true }));
    addEventListener("online", () => this.save());
    return this.putBack();
  }

  get version() {
    return this.form.elements.version;
  }

  get clean() {
    return same(read(this.form), this.stored);
  }

  typed() {
    if (this.clean) return;
    this.keep();
    this.later(PAUSE);
  }

  later(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), milliseconds);
  }

  keep() {
    const typed = read(this.form).filter(([name]) => !name.startsWith("garder-"));
    const entry = { base: this.version.value, values: typed, sent: this.sent };
    this.lost = !this.journal.write(entry);
  }

  // Resolves to the status of the answer: 200 when everything typed is saved, 422 when all but what
  // there is to mend, 0 without network.
  save(options = {}) {
    clearTimeout(this.timer);
    if (this.clean) return Promise.resolve(200);
    if (same(read(this.form), this.refused)) return Promise.resolve(422);
    this.saving ??= this.saveNow(options).finally(() => (this.saving = undefined));
    return this.saving;
  }

  async saveNow({ leaving = false }) {
    this.sent = read(this.form);
    this.keep();
    const slow = setTimeout(() => this.say("Enregistrement…"), SLOW);
    const answer = await this.send(this.sent, this.version.value, leaving);
    clearTimeout(slow);
    if (answer.version) this.saved(answer);
    else this.notSaved(answer);
    return answer.status;
  }

  async send(values, version, leaving = false) {
    const token = this.form.elements.csrf_token;
    const body = new URLSearchParams([...values, ["version", version], ["csrf_token", token.value]]).toString();
    const headers = { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" };
    const keepalive = leaving && body.length < MOST_ON_LEAVING;
    try {
      const answer = await fetch(location.pathname, { method: "POST", body, headers, keepalive });
      const reply = { status: answer.status, ...(await answer.json()) };
      if (!reply.token) return reply;
      if (String(reply.user) !== user) return { status: 401 };
      token.value = reply.token; // signed in again since this page was opened
    } catch {
      return { status: 0 };
    }
    return this.send(values, version);
  }

  // All of it, or what is sound; with what another person has written in fields not touched here.
  saved({ status, version, taken, questions, errors, message }) {
    const untouched = same(read(this.form), this.sent);
    this.ask(questions);
    this.take(taken, version);
    const known = untouched ? read(this.form) : this.sent;
    if (status === 200) [this.stored, this.refused] = [known, undefined];
    else [this.stored, this.refused] = [null, known];
    this.sent = undefined;
    if (this.clean) this.journal.clear();
    else this.keep();
    if (!same(read(this.form), known)) this.typed();
    if (status === 200 || questions) this.say(message);
    else this.say(`À corriger : ${errors[0].message} Le reste est enregistré, ceci est ${KEPT}.`);
  }

  // Typed in meanwhile, a field stays as it is, over what was seen of it.
  take(taken, version) {
    const [seen, stored] = [marks(this.version.value), marks(version)];
    const typed = read(this.form);
    for (const [name, written] of Object.entries(taken)) {
      if (of(typed, name) === of(this.sent, name)) put(this.form, name, written);
      else stored.set(name, seen.get(name) ?? "");
    }
    this.version.value = `${version.split(";")[0]};${[...stored].map((pair) => pair.join("=")).join()}`;
    if (Object.keys(taken).length) this.form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Each question stands at its field, a new one in view; one that stood there already stays, with
  // what was chosen while this answer was on its way.
  ask(html) {
    const before = [...this.form.querySelectorAll("fieldset[id^=garder-]")];
    const active = /** @type {HTMLElement | null} */ (document.activeElement);
    this.asked.innerHTML = html; // written by our own template
    const questions = [...this.asked.querySelectorAll("fieldset")].map((question) => {
      const same = before.find((each) => asks(each) === asks(question));
      if (same) question.replaceWith(same);
      return same ?? question;
    });
    for (const gone of before) if (!questions.includes(gone)) gone.remove();
    for (const question of questions) {
      const name = question.id.replace("garder-", "");
      document.getElementById(name)?.closest(".field")?.before(question);
    }
    questions.find((question) => !before.includes(question))?.scrollIntoView({ block: "nearest" });
    if (active !== document.activeElement) active?.focus({ preventScroll: true });
  }

  notSaved(answer) {
    const kept = this.lost ? "ne fermez pas cette page" : KEPT;
    if (answer.status === 401) {
      this.say("Vous êtes déconnecté : reconnectez-vous, rien n'est perdu.", "Se reconnecter");
    } else if (answer.status === 0 || answer.status >= 500) {
      const why = answer.status ? "le site ne répond pas" : "plus de connexion";
      this.say(`Pas enregistré : ${why}, ${kept}.`);
      this.later(RETRY);
    } else {
      this.say(`Pas enregistré, ${kept}. ${answer.message ?? ""}`);
    }
  }

  say(words, link) {
    if (this.line.textContent === words) return;
    this.line.hidden = false;
    this.line.classList.toggle("is-kept", !/^(Enregistr|Cette page)/.test(words));
    this.line.textContent = words;
    if (link) {
      const there = `/connexion?next=${encodeURIComponent(location.pathname)}`;
      this.line.append(" ", Object.assign(document.createElement("a"), { href: there, textContent: link }));
    }
    this.uncover();
  }

  // The line lies over the foot of the page: nothing is scrolled under it, and not what is typed in.
  uncover() {
    const height = this.line.offsetHeight;
    document.documentElement.style.scrollPaddingBottom = `${height + 16}px`;
    const typing = document.activeElement;
    if (!this.form.contains(typing) || this.line.contains(typing)) return;
    if (typing.getBoundingClientRect().bottom > innerHeight - height) typing.scrollIntoView({ block: "nearest" });
  }

  // The button: save first, so that a network cut or an expired sign-in leaves the page as it is;
  // what the server refuses for its content it says on its own page.
  async submitted(event) {
    if (this.passing || this.clean) return;
    event.preventDefault();
    const { submitter } = event;
    await this.saving;
    const status = await this.save();
    await new Promise((done) => setTimeout(done)); // a form does not submit while it says that it does
    if (status !== 200 && status !== 422) return;
    this.passing = true;
    this.form.requestSubmit(submitter);
  }

  show(values) {
    fill(this.form, values);
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // On opening: what the journal kept of this page, over what it was typed over.
  async putBack() {
    const entry = this.journal.read();
    if (!entry || this.stored === null) return this.typed();
    if (same(entry.values, this.stored)) return this.journal.clear();
    // The server has another version: perhaps this very page's last save, whose answer never came.
    const another = entry.base !== this.version.value;
    this.restore(entry, another && entry.sent ? await this.send(entry.sent, entry.base) : {});
  }

  restore(entry, { taken, version }) {
    const before = read(this.form);
    const notice = document.getElementById("put-back");
    notice.querySelector("span").textContent = `le ${inParis(entry.at)}`;
    notice.querySelector("button").addEventListener("click", () => {
      notice.hidden = true;
      this.show(before);
    });
    notice.hidden = false;
    [this.version.value, this.sent] = [entry.base, entry.sent];
    this.show(entry.values);
    if (version) this.take(taken, version);
    this.save();
  }
}

const form = document.querySelector("form[data-autosave]");
if (form) await new Autosave(form).start();
