// Signed in again: back to the page with what was written, without a press; not when one comes back here.
const [arrival] = performance.getEntriesByType("navigation");
if (arrival?.type !== "back_forward") document.querySelector("form[data-kept]").requestSubmit();
