// A column copied in a spreadsheet, laid on the projects from the current cell downwards: one amount
// a line, a blank line leaves its project as it is.

const { search } = new URL(import.meta.url);
const [{ cents, format }, { parse, refusal }] =
  await Promise.all(["grid-table", "amount"].map((name) => import(`./${name}.js${search}`)));

const euros = (amount) => `${format(amount) || "rien"}${amount === null ? "" : " €"}`;

const counted = (number, word) => `${number} ${word}${number > 1 ? "s" : ""}`;

// `faults`: why nothing can be pasted; else the cells that change, and what to read before.
export function readPaste(table, cell, text) {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n");
  const { funder, kind } = table.what(cell);
  const rows = projectsFrom(cell.parentElement, lines.length);
  const found = { faults: [], cells: [], list: [], why: "Corrigez dans le tableur, puis collez de nouveau." };
  let total = 0;
  let same = 0;
  lines.forEach((line, i) => {
    if (!line.trim()) return;
    const amount = parse(line);
    const fault = faultOf(table, rows[i], funder, kind, line, amount);
    if (fault) return void found.faults.push(`Ligne ${i + 1} : ${fault}`);
    const before = cents(rows[i].cells[cell.cellIndex]);
    total += amount;
    if (before === amount) return void (same += 1);
    const action = kind === "propose" ? "PROPOSE" : "ACCEPTED";
    const { version } = table.line(rows[i], funder); // that one reads before confirming
    found.cells.push({ row: rows[i], funder, project: Number(rows[i].id.slice(1)), action, amount, version });
    found.list.push(`${table.title(rows[i])} : ${euros(amount)} (avant : ${euros(before)})`);
  });
  const blank = lines.filter((line) => !line.trim()).length;
  found.title = `Coller dans ${funder.code} ${kind === "propose" ? "proposé" : "accordé"} ?`;
  found.text = [
    `${counted(found.cells.length + same, "montant")}, ${euros(total)} en tout`,
    same && `dont ${counted(same, "montant")} sans changement`,
    blank && `${counted(blank, "ligne")} sans montant, laissée${blank > 1 ? "s" : ""} en l'état`,
  ].filter(Boolean).join(", ") + ". Tout est enregistré, ou rien.";
  return found;
}

function projectsFrom(row, count) {
  const found = [];
  for (let one = row; one && found.length < count; one = one.nextElementSibling) {
    if (one.id) found.push(one);
  }
  return found;
}

function faultOf(table, row, funder, kind, line, amount) {
  if (line.includes("\t")) return "plusieurs colonnes ; une seule à la fois.";
  if (amount === undefined) return refusal(line);
  if (!row) return "il n'y a plus de dossier en dessous.";
  const why = table.refusal({ row, funder, kind });
  return why && `${table.title(row)} : ${why}`;
}
