// What was copied in a spreadsheet: two columns, the projects' numbers and their amounts, go to these
// projects; one column goes to the projects from the current cell downwards, one amount a line. Where
// no amount stands, its project is left as it is.

import { parse, refusal } from "./amount.js";
import { ask } from "./grid-dialogs.js";
import { cents, format } from "./grid-table.js";

const NUMBER = /^\d{4}-\d{4,}$/; // of a project
const OWN = /^(sous-total|total|enveloppe|reste)/i; // sums of our own workbook
const ONE_COLUMN = "plusieurs colonnes. Copiez une colonne de montants, ou deux : le numéro du dossier et le montant.";

const euros = (amount) => `${format(amount) || "rien"}${amount === null ? "" : " €"}`;

const counted = (number, word) => `${number} ${word}${number > 1 ? "s" : ""}`;

const at = (place) => `Ligne ${place + 1}`;

// Nothing where it was given up. `faults`: why nothing can be pasted; else the cells that change, and what to read before.
export async function readPaste(table, cell, text) {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n");
  const { funder, kind } = table.what(cell);
  const found = { faults: [], cells: [], list: [], why: "Corrigez dans le tableur, puis collez de nouveau." };
  const grid = lines.map((line) => line.split("\t").map((each) => each.trim()));
  const numbered = grid.some((cells) => cells.some((each) => NUMBER.test(each)));
  const pasted = numbered ? byNumber(table, grid, found.faults) : await downwards(cell, lines, found.faults);
  if (pasted === null) return null;
  const left = lines.filter((line) => line.trim()).length - pasted.filter(({ place }) => lines[place].trim()).length;
  const refused = [];
  const seen = new Map();
  let [total, same, blank] = [0, 0, 0];
  for (const { place, row, text: typed, number } of pasted) {
    const amount = parse(typed);
    if (amount === null) blank += 1;
    else if (amount === undefined) found.faults.push(`${at(place)} : ${refusal(typed)}`);
    else if (!row && number) refused.push(`${at(place)} : le dossier ${number} n'est pas dans cette grille.`);
    else if (!row) found.faults.push(`${at(place)} : il n'y a plus de dossier en dessous.`);
    else if (seen.has(row)) found.faults.push(`${at(place)} : ${table.title(row)} est déjà à la ligne ${seen.get(row) + 1}.`);
    else if (table.refusal({ row, funder, kind })) refused.push(`${at(place)}, ${table.title(row)} : ${table.refusal({ row, funder, kind })}`);
    else {
      seen.set(row, place);
      const before = cents(row.cells[cell.cellIndex]);
      total += amount;
      if (before === amount || (!amount && before === null && kind === "accorde")) {
        same += 1;
        continue;
      }
      const action = kind === "propose" ? "PROPOSE" : "ACCEPTED";
      const { version } = table.line(row, funder); // that one reads before confirming
      found.cells.push({ row, funder, project: Number(row.id.slice(1)), action, amount, version });
      found.list.push(`${table.title(row)} : ${euros(amount)} (avant : ${euros(before)})`);
    }
  }
  if (!found.cells.length) found.faults.push(...refused);
  found.list.unshift(...refused.map((line) => `Laissée de côté. ${line}`));
  found.title = `Coller dans ${funder.code} ${kind === "propose" ? "proposé" : "accordé"} ?`;
  found.text = [
    `${counted(found.cells.length + same, "montant")}, ${euros(total)} en tout`,
    same && `dont ${counted(same, "montant")} sans changement`,
    blank && `${counted(blank, "ligne")} sans montant, laissée${blank > 1 ? "s" : ""} en l'état`,
    left && `${counted(left, "titre")} ou ${left > 1 ? "totaux laissés" : "total laissé"} de côté`,
    refused.length && `${counted(refused.length, "ligne")} refusée${refused.length > 1 ? "s" : ""}, dite${refused.length > 1 ? "s" : ""} en tête`,
  ].filter(Boolean).join(", ") + ". Tout est enregistré, ou rien.";
  return found;
}

// Lines without a number are headings, or sums where they say so.
function byNumber(table, lines, faults) {
  const rows = new Map([...table.body.querySelectorAll("tr[id]")].map((row) => [table.reference(row), row]));
  const first = lines.findIndex((cells) => cells.some((each) => NUMBER.test(each)));
  const key = lines[first].findIndex((each) => NUMBER.test(each));
  const numbered = lines.filter((cells) => NUMBER.test(cells[key] ?? ""));
  const others = [...lines[first].keys()].filter((place) => place !== key);
  const amounts = others.filter((place) => numbered.some((cells) => cells[place]) && numbered.every((cells) => parse(cells[place] ?? "") !== undefined));
  const place = others.length === 1 ? others[0] : amounts[0];
  if (others.length !== 1 && amounts.length !== 1) return faults.push(ONE_COLUMN), [];
  return lines.flatMap((cells, i) => {
    const number = cells[key] ?? "";
    if (NUMBER.test(number)) return [{ place: i, row: rows.get(number), text: cells[place] ?? "", number }];
    const label = cells.find(Boolean) ?? "";
    if ((parse(cells[place] ?? "") ?? -1) >= 0 && !OWN.test(label)) faults.push(`${at(i)} : « ${label.slice(0, 40)} » n'est pas un numéro de dossier.`);
    return [];
  });
}

async function downwards(cell, lines, faults) {
  const wide = lines.findIndex((line) => line.trim().includes("\t"));
  if (wide >= 0) return faults.push(`${at(wide)} : ${ONE_COLUMN}`), [];
  const sums = sumsIn(lines.map((line) => parse(line)));
  const leave = sums.size && (await ask({
    either: true,
    title: sums.size > 1 ? "Des lignes sont la somme de celles au-dessus" : "Une ligne est la somme de celles au-dessus",
    list: [...sums].map((i) => `${at(i)} : ${lines[i].trim()}`),
    text: "Un total ne se colle pas dans un dossier.", ok: "Laisser de côté", no: "Coller comme les autres",
  }));
  if (leave === null) return null;
  const rows = projectsFrom(cell.parentElement);
  return [...lines.entries()]
    .filter(([i, line]) => i || parse(line) !== undefined || !/^\s*\p{L}/u.test(line)) // a heading
    .filter(([i]) => !(leave && sums.has(i)))
    .map(([place, text], i) => ({ place, text, row: rows[i] }));
}

// The places of amounts that are the sum of two or more above: of all, or since the sum before.
function sumsIn(amounts) {
  const found = new Set();
  let [all, since, count, last] = [0, 0, 0, 0];
  amounts.forEach((amount, i) => {
    if (!amount) return;
    if ((count > 1 && amount === all) || (count - last > 1 && amount === since)) {
      found.add(i);
      [since, last] = [0, count];
      return;
    }
    all += amount;
    since += amount;
    count += 1;
  });
  return found;
}

function projectsFrom(row) {
  const found = [];
  for (let one = row; one; one = one.nextElementSibling) if (one.id) found.push(one);
  return found;
}
