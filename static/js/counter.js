// How much may still be written in a text, told near its end, and how much is too much; the server
// refuses that (grants/web/fields.py). Told once the hands rest: a screen reader reads it each time.

const NEAR = 0.1; // of the whole
const REST = 800; // ms

const resting = new WeakMap();

function counted(control) {
  return [...control.value.normalize("NFC").trim()].length;
}

function said(left) {
  const many = Math.abs(left);
  const text = `${many.toLocaleString("fr")}\u00a0caractère${many > 1 ? "s" : ""}`;
  return left < 0 ? `${text} de trop` : `Encore ${text}`;
}

function tell(control) {
  const longest = Number(control.dataset.longest);
  const left = longest - counted(control);
  const near = left < longest * NEAR;
  let place = control.nextElementSibling;
  if (!place?.matches(".count")) {
    if (!near) return;
    place = Object.assign(document.createElement("p"), { className: "count" });
    place.setAttribute("role", "status");
    control.after(place);
  }
  place.classList.toggle("error", left < 0);
  place.textContent = near ? said(left) : "";
}

function check(control) {
  const left = Number(control.dataset.longest) - counted(control);
  control.setCustomValidity(left < 0 ? `${said(left)}.` : "");
}

document.addEventListener("input", (event) => {
  const target = /** @type {HTMLInputElement} */ (event.target);
  if (!target.dataset.longest) return;
  check(target);
  clearTimeout(resting.get(target));
  resting.set(target, setTimeout(tell, REST, target));
});
for (const control of document.querySelectorAll("[data-longest]")) {
  check(control);
  tell(control);
}
