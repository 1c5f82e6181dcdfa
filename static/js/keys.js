// A key follows a link (`data-key`) while nothing on the page has the focus. No letters: a screen
// reader and speech input have those.
import { anyUnsent } from "./unsent.js";

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (!document.activeElement?.matches("body, main")) return;
  const link = /** @type {HTMLElement | null} */ (document.querySelector(`[data-key="${CSS.escape(event.key)}"]`));
  if (!link || anyUnsent()) return;
  event.preventDefault();
  link.click();
});
for (const hint of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".keys"))) hint.hidden = false;
