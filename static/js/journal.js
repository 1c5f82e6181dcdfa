// What was typed and could not be sent yet, kept in this browser for its own author: one entry
// per person and page. Loaded on every page of somebody signed in.

const PREFIX = "grants:";
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-user]"));
export const user = form?.dataset.user;

// Entry: `base` is the version that the page had when it was typed in, `values` its fields,
// `sent` what was on its way when we last heard of it, `at` when (ISO).
export class Journal {
  constructor(path) {
    this.key = `${PREFIX}${user}:${path}`;
  }

  read() {
    try {
      return JSON.parse(localStorage.getItem(this.key));
    } catch {
      return null;
    }
  }

  // False when the browser keeps nothing (full, or forbidden).
  write(entry) {
    try {
      localStorage.setItem(this.key, JSON.stringify({ ...entry, at: new Date().toISOString() }));
      return true;
    } catch {
      return false;
    }
  }

  clear() {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // Nothing was kept.
    }
  }
}

// Whoever signs out of a shared computer leaves nothing of others on it.
function forgetOthers() {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(PREFIX) && !key.startsWith(`${PREFIX}${user}:`)) localStorage.removeItem(key);
    }
  } catch {
    // Nothing was kept.
  }
}

form?.addEventListener("submit", forgetOthers);
