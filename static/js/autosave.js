// A page of the dossier saves itself while it is typed in: the same form, sent to the same address,
// answered in JSON (grants/web/applicant/autosave.py). What cannot be sent waits in the journal.

const { search } = new URL(import.meta.url); // the same version of each module
const { Journal, user } = await import(`./journal.js${search}`);
const { fill, read, same, written } = await import(`./fields.js${search}`);

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

const KEPT = "gardé sur cet appareil";

class Autosave {
  constructor(form) {
    this.form = form;
    this.line = form.querySelector(".autosave");
    this.twoVersions = document.getElementById("two-versions");
    this.journal = new Journal(location.pathname);
    // What the server holds, as far as we know; nothing of a page that it has just refused.
    this.stored = "unsaved" in form.dataset ? null : written(form);
    // Both versions are in view: the person chooses, by the buttons.
    this.held = document.querySelector(".clash") !== null;
  }

  start() {
    this.say("Cette page s'enregistre pendant que vous écrivez.");
    const back = this.form.querySelector("[data-autosaved]");
    if (back) back.textContent = back.dataset.autosaved;
    this.form.addEventListener("input", () => this.typed());
    this.form.addEventListener("change", () => this.typed());
    this.form.addEventListener("submit", (event) => this.submitted(event));
    document.addEventListener("visibilitychange", () => this.save({ leaving: document.hidden }));
    addEventListener("pagehide", () => this.save({ leaving: true }));
    addEventListener("online", () => this.save());
    this.twoVersions.addEventListener("click", (event) => this.chosen(event.target.dataset.keep));
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
    const entry = { base: this.version.value, values: read(this.form), sent: this.sent };
    this.lost = !this.journal.write(entry);
  }

  // Resolves to the status of the answer: 200 when everything typed is saved, 0 without network.
  save(options = {}) {
    clearTimeout(this.timer);
    if (this.clean) return Promise.resolve(200);
    if (this.held) return Promise.resolve(409);
    this.saving ??= this.saveNow(options).finally(() => (this.saving = undefined));
    return this.saving;
  }

  async saveNow({ leaving = false }) {
    this.sent = read(this.form);
    this.keep();
    const slow = setTimeout(() => this.say("Enregistrement…"), SLOW);
    const answer = await this.send(this.sent, this.version.value, leaving);
    clearTimeout(slow);
    if (answer.status === 200) this.saved(answer);
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
      const told = { status: answer.status, ...(await answer.json()) };
      if (!told.token) return told;
      if (String(told.user) !== user) return { status: 401 };
      token.value = told.token; // signed in again since this page was opened
    } catch {
      return { status: 0 };
    }
    return this.send(values, version);
  }

  saved(answer) {
    this.stored = this.sent;
    this.sent = undefined;
    this.version.value = answer.version;
    if (this.clean) this.journal.clear();
    else this.typed();
    this.say(answer.message);
  }

  notSaved(answer) {
    const kept = this.lost ? "ne fermez pas cette page" : KEPT;
    if (answer.status === 401) {
      this.say("Vous êtes déconnecté : reconnectez-vous, rien n'est perdu.", "Se reconnecter");
    } else if (answer.status === 409 && answer.clash) {
      this.compare(answer);
    } else if (answer.status === 422) {
      const [first] = answer.errors;
      this.say(`Pas enregistré, ${kept}. À corriger : ${first?.message ?? "une réponse"}`);
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
    if (this.passing || this.held || this.clean) return;
    event.preventDefault();
    const { submitter } = event;
    await this.saving;
    const status = await this.save();
    if (status !== 200 && status !== 422) return;
    this.passing = true;
    this.form.requestSubmit(submitter);
  }

  compare(answer, typed) {
    this.held = true;
    this.other = { version: answer.version, typed };
    this.twoVersions.firstElementChild.innerHTML = answer.clash; // written by our own template
    this.twoVersions.hidden = false;
    this.twoVersions.scrollIntoView({ block: "nearest" });
    this.say(`Pas enregistré, ${KEPT} : quelqu'un d'autre a écrit sur cette page, choisissez plus haut.`);
  }

  chosen(keep) {
    if (!keep) return;
    this.held = false;
    this.twoVersions.hidden = true;
    if (keep === "stored") {
      this.stored = read(this.form);
      this.journal.clear();
      location.reload();
      return;
    }
    this.version.value = this.other.version;
    if (this.other.typed) this.show(this.other.typed);
    this.save();
  }

  show(values) {
    fill(this.form, values);
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // On opening: what the journal kept of this page, over what it was typed over.
  async putBack() {
    const entry = this.journal.read();
    if (!entry) this.typed();
    if (!entry || this.stored === null) return;
    if (same(entry.values, this.stored)) this.journal.clear();
    else if (entry.base === this.version.value) this.restore(entry);
    else await this.replay(entry);
  }

  restore(entry) {
    const before = read(this.form);
    const notice = document.getElementById("put-back");
    notice.querySelector("span").textContent = `le ${inParis(entry.at)}`;
    notice.querySelector("button").addEventListener("click", () => {
      notice.hidden = true;
      this.show(before);
    });
    notice.hidden = false;
    this.show(entry.values);
    this.save();
  }

  // The server has another version: perhaps this very page's last save, whose answer never came.
  async replay(entry) {
    let answer = { version: entry.base };
    for (const values of [entry.sent, entry.values].filter(Boolean)) {
      answer = await this.send(values, answer.version);
      if (answer.status !== 200) break;
    }
    if (answer.clash) {
      this.compare(answer, entry.values);
    } else if (answer.status === 200 && answer.version === this.version.value) {
      this.journal.clear(); // it had arrived
    } else {
      this.version.value = answer.version ?? entry.base;
      this.restore(entry);
    }
  }
}

const form = document.querySelector("form[data-autosave]");
if (form) await new Autosave(form).start();
