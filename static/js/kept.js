// Signed in again: back to the page with what was written, without a press; not when one comes back here.
const [arrival] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
const form = /** @type {HTMLFormElement} */ (document.querySelector("form[data-kept]"));
if (arrival?.type !== "back_forward") form.requestSubmit();
