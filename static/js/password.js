// Each password can be shown while it is typed; it is hidden again before it is sent, so that a
// browser offers to keep it.

for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[type=password]"))) {
  field.autocapitalize = "none"; // once it is a text, a telephone would write it as one
  field.spellcheck = false;
  const button = document.createElement("button");
  const show = (shown) => {
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.type = "button";
  button.className = "btn btn-sm";
  button.textContent = "Afficher le mot de passe";
  button.setAttribute("aria-describedby", (field.labels[0].id = `${field.id}-nom`)); // where there are two of them
  button.addEventListener("click", () => show(field.type === "password"));
  field.form.addEventListener("submit", () => show(false));
  show(false);
  field.after(button);
}
