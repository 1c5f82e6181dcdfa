// Says every quarter of a minute that this page is open, and who else is at the same dossier.

const EVERY = 15_000;
const box = /** @type {HTMLElement | null} */ (document.querySelector("[data-presence]"));

async function beat() {
  if (document.hidden) return;
  const token = /** @type {HTMLInputElement} */ (document.querySelector("[name=csrf_token]")).value;
  const body = new URLSearchParams({ page: box.dataset.page, csrf_token: token });
  let answer;
  try {
    answer = await fetch(box.dataset.presence, { method: "POST", body, headers: { Accept: "application/json" } });
  } catch {
    return; // No network: the next beat tells.
  }
  if (answer.ok) show((await answer.json()).others);
}

// Touched only when it changes: screen readers say it then, and only then.
function show(others) {
  const list = box.firstElementChild;
  if (others.join() === [...list.children].map((item) => item.textContent).join()) return;
  list.replaceChildren(
    ...others.map((words) => Object.assign(document.createElement("li"), { textContent: words })),
  );
}

if (box) {
  beat();
  setInterval(beat, EVERY);
  document.addEventListener("visibilitychange", beat);
}
