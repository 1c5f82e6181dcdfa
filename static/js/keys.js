// A key follows a link (`data-key`) while nothing on the page has the focus. No letters: a screen
// reader and speech input have those.
const changed = (/** @type {any} */ field) =>
  /^(checkbox|radio)$/.test(field.type) ? field.checked !== field.defaultChecked
    : "defaultValue" in field && field.type !== "hidden" && field.value !== field.defaultValue;
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (!document.activeElement?.matches("body, main")) return;
  const link = /** @type {HTMLElement | null} */ (document.querySelector(`[data-key="${CSS.escape(event.key)}"]`));
  if (!link || [...document.forms].some((form) => [...form.elements].some(changed))) return; // what is typed would be lost
  event.preventDefault();
  link.click();
});
for (const hint of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".keys"))) hint.hidden = false;
