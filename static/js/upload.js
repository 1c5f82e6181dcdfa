// Files on their way: one that is too heavy is refused before it is sent, progress is shown, and
// after a cut the sending begins again. Without this script the form is sent as any other.

const WAITS = [3, 5, 10, 20, 40, 60]; // seconds before each new attempt
const MEGABYTE = 1024 * 1024;

const weight = (bytes) => `${(Math.ceil((bytes * 10) / MEGABYTE) / 10).toLocaleString("fr-FR")} Mo`;
const inputs = (form) => [...form.querySelectorAll("input[type=file]")];

// Says at its field which file is too heavy; whether there is one.
function refuse(input) {
  input.parentElement.querySelector(".too-heavy")?.remove();
  const most = Number(input.dataset.most);
  const heavy = [...input.files].filter((file) => most && file.size > most);
  if (!heavy.length) return false;
  const words = heavy.map((file) => `« ${file.name} » pèse ${weight(file.size)}`).join(", ");
  const error = Object.assign(document.createElement("p"), {
    className: "error too-heavy",
    textContent: `${words} : ${weight(most)} au plus par fichier. Choisissez-en un plus léger.`,
  });
  error.setAttribute("role", "alert");
  input.before(error);
  return true;
}

function shown(form) {
  let box = form.querySelector(".upload");
  if (!box) {
    box = Object.assign(document.createElement("div"), { className: "upload" });
    const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
    bar.setAttribute("aria-label", "Envoi des fichiers");
    const words = document.createElement("p");
    words.setAttribute("role", "status");
    box.append(bar, words);
    form.append(box);
  }
  return { bar: box.firstChild, words: box.lastChild };
}

function hold(form, held) {
  for (const button of form.querySelectorAll("button")) button.disabled = held;
  if (held) form.dataset.sending = "";
  else delete form.dataset.sending;
}

function send(form, data, attempt = 0) {
  const { bar, words } = shown(form);
  words.textContent = "Envoi en cours : gardez cette page ouverte.";
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.upload.onprogress = ({ loaded, total }) => {
    bar.value = total ? loaded / total : 0;
    if (loaded === total) words.textContent = "Tout est parti : vérification des fichiers.";
  };
  request.onload = () => (passing(request) ? again() : answered(form, data, request));
  request.onerror = again;
  request.send(data);

  function again() {
    const why = { 0: "la connexion est coupée", 503: "il y a trop de monde à la fois" }[request.status] ?? "le serveur ne répond pas";
    if (attempt >= WAITS.length) {
      hold(form, false);
      words.textContent = `Vos fichiers ne sont pas partis : ${why}. Ils restent choisis, réessayez.`;
      return;
    }
    bar.value = 0;
    words.textContent = `L'envoi recommencera dans ${WAITS[attempt]} secondes : ${why}.`;
    setTimeout(() => send(form, data, attempt + 1), WAITS[attempt] * 1000);
  }
}

// What is over soon: our own server says so where it is only busy.
const passing = (request) => [502, 504].includes(request.status) || (request.status === 503 && request.getResponseHeader("Retry-After"));

// Also where it is this page, at another place.
function go(location) {
  const bare = (address) => address.replace(/#.*/, "");
  const there = new URL(location, window.location.href).href;
  const here = bare(there) === bare(window.location.href); // which `assign` changes later
  window.location.assign(there);
  if (here) window.location.reload();
}

// A page to go on to, or this one with what is wrong; whatever else is sent again as usual.
function answered(form, data, request) {
  if (request.getResponseHeader("Content-Type")?.startsWith("application/json")) {
    const { location, message } = JSON.parse(request.responseText);
    hold(form, false);
    if (request.status === 503) {
      shown(form).words.textContent = message;
      return;
    }
    form.dataset.sent = ""; // unsent.js
    if (location) go(location);
    else {
      for (const [name, value] of data) if (typeof value === "string" && !form.elements[name]) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
      form.submit();
    }
    return;
  }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  if (!page.querySelector("main")) { // of a server before ours
    hold(form, false);
    shown(form).words.textContent = `Vos fichiers n'ont pas été pris (réponse ${request.status}). Ils restent choisis : réessayez, ou envoyez-les en plusieurs fois.`;
    return;
  }
  window.history.replaceState(null, "", request.responseURL); // the page that the form is of
  document.title = page.title;
  document.querySelector("main").replaceWith(page.querySelector("main"));
  /** @type {HTMLElement} */ (document.querySelector(".error-summary") ?? document.querySelector("main")).focus();
}

document.addEventListener("change", (event) => {
  const target = /** @type {HTMLInputElement} */ (event.target);
  if (!target.matches("input[type=file]")) return;
  for (const error of target.parentElement.querySelectorAll(".error")) error.remove(); // of the file chosen before
  refuse(target);
});
document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const submitter = /** @type {HTMLButtonElement | null} */ (event.submitter);
  if (form.enctype !== "multipart/form-data") return;
  const heavy = inputs(form).filter(refuse);
  if (heavy.length) heavy[0].focus();
  if (heavy.length || inputs(form).some((input) => input.files.length) || "sending" in form.dataset) {
    event.preventDefault();
  } else return;
  if (heavy.length || "sending" in form.dataset) return;
  const data = new FormData(form);
  if (submitter?.name) data.append(submitter.name, submitter.value);
  hold(form, true);
  send(form, data);
});
