// What the grid asks before it goes on. Each question is one dialog: Enter confirms, Escape gives up.

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("ask"));

const make = (tag, set) => Object.assign(document.createElement(tag), set);

const asked = []; // the first is open, the others wait for it

// Resolves to the values of the fields (an object), or null when given up. `fields`: {name, label,
// value, needed}; `list`: lines to read before; `ok`: what the button says; nothing: no such button.
// `either`: giving up and the second button are two answers, null and false.
// `chosen`: no key that is being typed answers, only a button that one goes to.
export function ask(question) {
  return new Promise((answered) => {
    asked.push({ question, answered });
    if (asked.length === 1) show(question);
  });
}

function show({ title, text = "", fields = [], list = [], ok = "Valider", no = "Renoncer", chosen = false }) {
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector(".text").textContent = text;
  const lines = dialog.querySelector("ol");
  lines.hidden = !list.length;
  lines.replaceChildren(...list.map((line) => make("li", { textContent: line })));
  dialog.querySelector(".fields").replaceChildren(...fields.flatMap(input));
  const [yes, give] = dialog.querySelectorAll("button");
  yes.textContent = ok;
  yes.hidden = !ok;
  give.textContent = no;
  dialog.showModal();
  const heading = dialog.querySelector("h2");
  heading.tabIndex = -1;
  const first = chosen ? heading : (dialog.querySelector("input") ?? (ok ? yes : give));
  first.focus();
  if (first instanceof HTMLInputElement) first.select();
}

// Told as it closes, not by the event that follows: keys pressed meanwhile would go to the cell that
// was asked about.
function close(values) {
  dialog.close();
  asked.shift().answered(values);
  if (asked.length) show(asked[0].question);
}

dialog.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const ok = /** @type {HTMLButtonElement} */ (event.submitter).value === "ok";
  close(ok ? answer() : asked[0].question.either ? false : null);
});
dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  close(null);
});
dialog.addEventListener("close", () => asked.length && !dialog.open && close(null)); // however else

function answer() {
  return Object.fromEntries([...dialog.querySelectorAll("input")].map((each) => [each.name, each.value.trim()]));
}

function input({ name, label, value = "", needed = true }) {
  const id = `ask-${name}`;
  const most = name === "typed_from" ? 250 : 5000;
  const control = make("input", { id, name, value, required: needed, autocomplete: "off" });
  control.dataset.longest = most;
  return [make("label", { htmlFor: id, textContent: label }), control];
}

export const isOpen = () => document.querySelector("dialog[open]") !== null;

// Shown, and by the same key gone again.
export function help() {
  const keys = /** @type {HTMLDialogElement} */ (document.getElementById("keys"));
  if (keys.open) keys.close();
  else if (!isOpen()) keys.showModal();
}
