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
  const wrappers = [...form.querySelectorAll("[data-question]")];
  const refresh = () => {
    const seen = new Set(shown(wrappers, (name) => form.elements[name]?.value ?? ""));
    for (const one of wrappers) {
      one.hidden = !seen.has(one) && !one.querySelector(".has-error");
    }
  };
  for (const hint of form.querySelectorAll(".only-if")) hint.hidden = true;
  form.addEventListener("input", refresh);
  form.addEventListener("change", refresh);
  refresh();
}
