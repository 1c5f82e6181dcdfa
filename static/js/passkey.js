// A passkey is made, or signs, in the browser: what it answers goes into its form, which is then sent.

const form = /** @type {HTMLFormElement} */ (document.querySelector("form[data-passkey]"));
const status = form.querySelector("[role=status]");
const options = JSON.parse(form.dataset.options);

const answer = () => form.dataset.passkey === "create"
  ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
  : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });

form.addEventListener("submit", async (event) => {
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("credential"));
  if (field.value) return;
  event.preventDefault();
  try {
    field.value = JSON.stringify(/** @type {PublicKeyCredential} */ (await answer()).toJSON());
    form.requestSubmit();
  } catch {
    status.textContent = "Cela n'a pas marché. Recommencez, ou prenez une application de codes : ce navigateur ou cet appareil"
      + " n'a peut-être pas de clé d'accès.";
  }
});
