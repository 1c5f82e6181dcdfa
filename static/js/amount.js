// Amounts as people type or paste them, read as grants/domain/money.py does: the cases in
// tests/data/amounts.json hold both together.

const UNSEEN = /[\u00ad\u200b-\u200d\u2060\ufeff]/g;
const SPACES = /[\u00a0\u2007\u2009\u202f]/g;
const AMOUNT = /^(?:(\d{1,3}([ .,])\d{3}(?:\2\d{3})*|\d+)(?:([.,])(\d{1,2}))? ?(k?) ?(?:€|eur|euros?)?)$/i;
const NOTHING = /^(?:[-–—\u2212]|n(?:[éÉ]|e\u0301?)ant|n\. ?c\.?|nc)? *€?$/i;
const MOST = 1e12; // cents, as the server
const DECIMALS = "a trop de décimales : écrivez-en deux au plus, par exemple 12 000,50.";

// Whole cents; `null` for nothing, undefined for what is no amount.
export const parse = (text) => read(text).cents;

export const refusal = (text) => `« ${text.trim().slice(0, 40)} » ${read(text).why}`;

function read(text) {
  const bare = text.replace(UNSEEN, "").replace(SPACES, " ").trim();
  if (NOTHING.test(bare)) return { cents: null };
  const [, digits, by, point, cents = "", thousands] = AMOUNT.exec(bare) ?? [];
  if (digits === undefined || (point && by === point)) return { why: wrong(bare) };
  const whole = digits.replaceAll(by ?? " ", "");
  if (by && by !== " " && !point && digits.length - whole.length === 1) { // `1.234`
    return { why: digits.startsWith("0") ? DECIMALS : "peut se lire de deux façons : écrivez sans point ni virgule, ou avec deux décimales." };
  }
  const found = (Number(whole) * 100 + Number(cents.padEnd(2, "0"))) * (thousands ? 1000 : 1);
  return found < MOST ? { cents: found } : { why: "est un montant trop grand : au plus 9 999 999 999,99 €." };
}

function wrong(bare) {
  const [whole, cents, ...more] = bare.split(bare.includes(",") ? "," : ".");
  if (!more.length && /^\d{3,}[€ ]*$/.test(cents ?? "") && AMOUNT.test(whole)) return DECIMALS;
  if (/\s/.test(bare) && /^[\d\s€.,]+$/.test(bare)) return "contient deux nombres dans une cellule, ou plus : n'en laissez qu'un.";
  return "n'est pas un montant. Écrivez des chiffres, par exemple 12000 ou 12 000,50 ; 12k vaut 12 000.";
}

// A browser makes one number of lines or cells pasted into a field: they stay apart, to be seen.
globalThis.document?.addEventListener("paste", (event) => {
  const field = /** @type {HTMLInputElement} */ (event.target);
  const text = event.clipboardData.getData("text/plain").trim();
  if (field.inputMode !== "decimal" || !/[\t\r\n]/.test(text)) return;
  event.preventDefault();
  field.setRangeText(text.replace(/[\t\r\n]+/g, " ; "), field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
