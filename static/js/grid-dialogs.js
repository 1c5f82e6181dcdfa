// What the grid asks before it goes on. Each question is one dialog: Enter confirms, Escape gives up.

const dialog = document.getElementById("ask");

const make = (tag, set) => Object.assign(document.createElement(tag), set);

// Resolves to the values of the fields (an object), or null when given up. `fields`: {name, label,
// value, needed}; `list`: lines to read before; `ok`: what the button says; nothing: no such button.
// `chosen`: no key that is being typed answers, only a button that one goes to.
export function ask({ title, text = "", fields = [], list = [], ok = "Valider", no = "Renoncer", chosen = false }) {
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
  first.select?.();
  return new Promise((resolve) => (answered = resolve));
}

// Told as it closes, not by the event that follows: keys pressed meanwhile would go to the cell that
// was asked about.
let answered = () => {};
dialog.firstElementChild.addEventListener("submit", (event) => {
  event.preventDefault();
  const values = event.submitter.value === "ok" ? answer() : null;
  dialog.close();
  answered(values);
});
dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  dialog.close();
  answered(null);
});
dialog.addEventListener("close", () => dialog.open || answered(null)); // however else

function answer() {
  return Object.fromEntries([...dialog.querySelectorAll("input")].map((each) => [each.name, each.value.trim()]));
}

function input({ name, label, value = "", needed = true }) {
  const id = `ask-${name}`;
  const most = name === "typed_from" ? 250 : 5000;
  return [
    make("label", { htmlFor: id, textContent: label }),
    make("input", { id, name, value, required: needed, maxLength: most, className: "form-control", autocomplete: "off" }),
  ];
}

export const isOpen = () => document.querySelector("dialog[open]") !== null;

export function help() {
  document.getElementById("keys").showModal();
}
