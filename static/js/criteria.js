// The criteria of the call, said again while typing. The words and the arithmetic are those of
// grants/domain/call/criteria.py (Verdict); figures of other pages come from data-figures.

const NOT_YET = "à vérifier quand ces nombres seront remplis";
const inWords = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");

function typed(input) {
  if (input.closest("[hidden]")) return null;
  const bare = input.value.replace(/\s/g, "");
  return /^\d{1,9}$/.test(bare) ? Number(bare) : null;
}

export function verdict(part, total, percent) {
  if (part === null || !total) return NOT_YET;
  const said = `${inWords(part)} sur ${inWords(total)}`;
  if (part > total) return `${said} : vérifiez ces nombres`;
  return `${said}, ${percent * total <= part * 100 ? "atteint" : "non atteint"}`;
}

const box = /** @type {HTMLElement | null} */ (document.querySelector(".criteria"));
if (box) {
  const form = box.closest("form");
  const stored = JSON.parse(box.dataset.figures);
  const figure = (name) => (form.elements[name] ? typed(form.elements[name]) : stored[name] ?? null);
  const sum = (names) => {
    const all = names.split(" ").map(figure);
    return all.includes(null) ? null : all.reduce((one, other) => one + other, 0);
  };
  const refresh = () => {
    const told = /** @type {NodeListOf<HTMLElement>} */ (box.querySelectorAll("[data-part]"));
    for (const { dataset, lastElementChild } of told) {
      const said = verdict(sum(dataset.part), sum(dataset.total), Number(dataset.percent));
      if (lastElementChild.textContent !== said) lastElementChild.textContent = said;
    }
  };
  form.addEventListener("input", refresh);
  form.addEventListener("change", refresh);
  refresh();
}
