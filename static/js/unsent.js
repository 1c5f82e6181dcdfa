// What is written in a form that does not save itself: whoever leaves its page is asked first.

const changed = (/** @type {any} */ field) => {
  if (/^(hidden|password)$/.test(field.type)) return false;
  if (/^(checkbox|radio)$/.test(field.type)) return field.checked !== field.defaultChecked;
  if (field.type === "select-one") {
    return field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
  }
  return "defaultValue" in field && field.value !== field.defaultValue;
};

// Refused, or given back (grants/web/forms.py), it is not stored, though the page came with it.
const unsent = (/** @type {HTMLFormElement} */ form) =>
  form.method === "post" && !("autosave" in form.dataset) && !("sent" in form.dataset) &&
  (form.querySelector('[aria-invalid="true"], [data-given-back]') !== null || [...form.elements].some(changed));

export const anyUnsent = () => [...document.forms].some(unsent);

// What another form of the page holds is lost with it.
addEventListener("submit", (event) => {
  if (!event.defaultPrevented) /** @type {HTMLFormElement} */ (event.target).dataset.sent = "";
});
addEventListener("input", (event) => {
  delete /** @type {HTMLInputElement} */ (event.target).form?.dataset.sent;
});
addEventListener("beforeunload", (event) => {
  if (anyUnsent()) event.preventDefault();
});
