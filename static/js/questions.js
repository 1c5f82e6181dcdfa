// Questions that another answer asks for are hidden until it does (without JavaScript they say
// when they apply). The server keeps the same rule: grants/domain/dossier/questions.py, shown().

export function shown(wrappers, answerOf) {
  const given = new Map();
  return wrappers.filter(({ dataset }) => {
    const above = dataset.shownIf;
    if (above && given.get(above) !== dataset.shownAnswer) return false;
    given.set(dataset.question, answerOf(dataset.question));
    return true;
  });
}

const form = document.querySelector("[data-question]")?.closest("form");
if (form) {
  const hints = /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll(".only-if"));
  const wrappers = [.../** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-question]"))];
  const answerOf = (name) => /** @type {HTMLInputElement | null} */ (form.elements.namedItem(name))?.value ?? "";
  const refresh = () => {
    const seen = new Set(shown(wrappers, answerOf));
    for (const one of wrappers) {
      one.hidden = !seen.has(one) && !one.querySelector(".has-error");
    }
  };
  for (const hint of hints) hint.hidden = true;
  form.addEventListener("input", refresh);
  form.addEventListener("change", refresh);
  refresh();
}
