// Sums, balance and shares while typing, exact to the cent (BigInt). What counts and how a share is
// rounded are the server's rules: grants/domain/money.py, chart_of_accounts.py.

import { parse } from "./amount.js";

export const cents = (text) => BigInt(parse(text) ?? 0);

export function euros(amount) {
  const digits = String(amount).padStart(3, "0");
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const part = digits.slice(-2);
  return `${whole}${part === "00" ? "" : `,${part}`}\u00a0€`;
}

// Half up; nothing (`null`) of a zero whole.
const divided = (part, whole) => (whole ? (2n * part + whole) / (2n * whole) : null);

export function percent(part, whole) {
  const hundredths = divided(part * 10000n, whole);
  if (hundredths === null) return "–";
  const digits = String(hundredths).padStart(3, "0");
  return `${digits.slice(0, -2)},${digits.slice(-2)}\u00a0%`;
}

export function balance(cost, income) {
  if (!cost) return "dépenses à remplir";
  if (cost > income) return `il manque ${euros(cost - income)}`;
  if (cost < income) return `${euros(income - cost)} de trop`;
  return "équilibré";
}

const bar = document.querySelector(".sums-bar");
if (bar) start(bar, bar.closest("form"));

function start(bar, form) {
  const stored = JSON.parse(bar.dataset.cents);
  const counted = (input) => {
    const status = form.elements[input.dataset.status]?.value;
    return status === "REFUSED" ? 0n : cents(input.value);
  };
  const sum = (kind) => {
    const inputs = [...form.querySelectorAll(`[data-adds="${kind}"]`)];
    if (!inputs.length) return BigInt(stored[kind]);
    return inputs.reduce((total, input) => total + counted(input), 0n);
  };
  const say = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  const refresh = () => {
    const sums = Object.fromEntries(Object.keys(stored).map((kind) => [kind, sum(kind)]));
    sums.income = sums.other_income + sums.requested;
    for (const one of form.querySelectorAll("[data-sum]")) say(one, euros(sums[one.dataset.sum]));
    for (const one of form.querySelectorAll("[data-share-of]")) {
      const input = form.elements[one.dataset.shareOf];
      const part = input ? counted(input) : sums[one.dataset.shareOf];
      say(one, input && !part ? "–" : percent(part, sums.income));
    }
    for (const one of form.querySelectorAll("[data-when]")) {
      one.hidden = !one.dataset.when.split(" ").some((kind) => sums[kind]);
    }
    for (const one of form.querySelectorAll("[data-per-head]")) {
      say(one, euros(divided(sums.cost, BigInt(one.dataset.perHead))));
    }
    for (const one of form.querySelectorAll("[data-balance]")) {
      const [cost, income] = one.dataset.balance.split(" ");
      say(one, balance(sums[cost], sums[income]));
    }
  };
  form.addEventListener("input", refresh);
  form.addEventListener("change", refresh);
  refresh();
}
