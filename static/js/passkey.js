// A passkey is made, or signs, in the browser: what it answers goes into its form, which is then sent.

const form = /** @type {HTMLFormElement} */ (document.querySelector("form[data-passkey]"));
const status = form.querySelector("[role=status]");
const options = JSON.parse(form.dataset.options);

const answer = () => form.dataset.passkey === "create"
  ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
  : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });

let asking = false;
addEventListener("pageshow", () => { asking = false; });

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (asking) return; // an answer serves once: another press would send it again
  asking = true;
  try {
    const made = /** @type {PublicKeyCredential} */ (await answer());
    /** @type {HTMLInputElement} */ (form.elements.namedItem("credential")).value = JSON.stringify(made.toJSON());
    form.dataset.sent = ""; // not to be asked whether to leave (unsent.js)
    form.submit();
  } catch {
    asking = false;
    status.textContent = "Cela n'a pas marché. Recommencez, ou prenez une application de codes : ce navigateur ou cet appareil"
      + " n'a peut-être pas de clé d'accès.";
  }
});
