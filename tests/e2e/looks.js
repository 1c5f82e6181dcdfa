// Marks two elements of each look that text has on the page, of those that are not `known`: its colour,
// and whether it is large, over all that is painted below it. Two, since axe does not judge text that
// something else half covers.
(known) => {
  const PLAIN = "rgba(0, 0, 0, 0) none 1 static auto";
  const below = new Map();
  const seen = new Map(known.map((look) => [look, 2]));

  function painted(element) {
    if (!element) return "";
    if (!below.has(element)) {
      const s = getComputedStyle(element);
      const own = [s.backgroundColor, s.backgroundImage, s.opacity, s.position, s.clip].join(" ");
      below.set(element, painted(element.parentElement) + (own === PLAIN ? "" : own));
    }
    return below.get(element);
  }

  for (const element of document.body.querySelectorAll("*")) {
    const texts = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    const text = texts.map((node) => node.data).join("").trim();
    if (!text && !element.matches("input, select, textarea")) continue;
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const s = getComputedStyle(element);
    const letters = text.match(/[\p{L}\p{N}]/gu)?.length ?? 0; // nor a sign or letter alone
    const large = parseFloat(s.fontSize) >= (s.fontWeight >= 700 ? 18.66 : 24); // as WCAG says
    const look = [element.tagName, element.type, Math.min(letters, 2), element.closest(":disabled"),
      s.color, large, s.textShadow, painted(element)].join(" ");
    seen.set(look, (seen.get(look) ?? 0) + 1);
    if (seen.get(look) <= 2) element.dataset.look = look;
    else delete element.dataset.look;
  }
}
