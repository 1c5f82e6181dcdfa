"""From bytes to rows with the line numbers of the file. Any bytes: a refusal, never a crash.
And the amounts in their cells."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from unicodedata import normalize

from grants.domain.importing.faults import FileFault, ImportRefused, one_of, shown
from grants.domain.money import NotAnAmount, parse_amount
from grants.names import clean

HOW_TO_SAVE = "dans Excel ou LibreOffice, enregistrer la feuille au format « CSV UTF-8 (délimité par des virgules) »"
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# What neither PostgreSQL nor a workbook can hold.
UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile(r"[\r\n\t]+")
# What Excel reads as the separator and not as a row.
_SEPARATOR = re.compile(r'"?sep=([;,|\t])"?\r?', re.IGNORECASE)


_UNREADABLE = (
    "ligne illisible : un guillemet n'est pas fermé (ou pas doublé), ou un texte est"
    " trop long. Corriger cette ligne ; la suite du fichier n'a pas été lue."
)


@dataclass(frozen=True)
class FileRow:
    """`line`: where it begins in the file. `raw`: its cells as they are written, in NFC."""

    line: int
    raw: dict[str, str]

    def get(self, column: str) -> str:
        """Stripped, on one line."""
        return one_line(self.raw.get(column, ""))


@dataclass(frozen=True)
class FileTable:
    """`columns`: as they are known here, not as they are written. `faults`: those of single lines,
    which are left out of `rows`, and of headings that nobody reads."""

    columns: list[str]
    rows: list[FileRow]
    faults: list[FileFault]


def read_text(data: bytes, how_to_save: str = HOW_TO_SAVE) -> str:
    """Raises `ImportRefused` unless `data` is UTF-8 text (with or without BOM)."""
    if data.startswith(_WORKBOOKS):
        what = f"C'est un classeur, pas un fichier texte : {how_to_save}."
        raise ImportRefused([FileFault(None, "", "", what)])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ImportRefused([FileFault(line, "", "", f"le fichier n'est pas en UTF-8 : {how_to_save}.")]) from None
    if not text.strip():
        raise ImportRefused([FileFault(None, "", "", "Le fichier est vide.")])
    if bad := UNUSABLE.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        what = f"caractère interdit (U+{ord(bad[0]):04X}) : le supprimer, ou {how_to_save}."
        raise ImportRefused([FileFault(line, "", "", what)])
    return normalize("NFC", text)


def read_table(data: bytes, required: Collection[str], others: Iterable[str] = ()) -> FileTable:
    """The rows of a CSV file with `;`, `,` or tabulations; blank lines are left out, and so may be the empty
    cells at the end of a line. `others`: columns that need not be there.

    Raises `ImportRefused` when the file as a whole cannot be read: not UTF-8, no header or
    line, a column missing or twice.
    """
    text = read_text(data)
    first_line = text.split("\n", 1)[0]
    said = _SEPARATOR.fullmatch(first_line)
    delimiter = max(";,\t", key=first_line.count)
    faults: list[FileFault] = []
    records = _records(text, said[1] if said else delimiter, faults)
    if said:
        next(records)
    at, header = next(records, (1, []))
    columns = _columns(at, header, [*required, *others], faults)
    _check_columns(at, columns, required, faults)
    least = 1 + max(map(columns.index, required))
    rows = [
        FileRow(line, dict(zip(columns, cells, strict=False)))
        for line, cells in records
        if any(map(str.strip, cells)) and _whole(line, cells, columns, least, faults)
    ]
    if not rows and not faults:
        faults.append(FileFault(None, "", "", "Le fichier n'a aucune ligne après l'en-tête."))
        raise ImportRefused(faults)
    return FileTable(columns, rows, faults)


def _records(text: str, delimiter: str, faults: list[FileFault]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error:
            faults.append(FileFault(line, "", "", _UNREADABLE))
            return


def heading_key(heading: str) -> str:
    """Letters and digits alone: equal whatever the case, accents, spaces and underscores."""
    return "".join(filter(str.isalnum, normalize("NFKD", heading).casefold()))


def _columns(line: int, header: list[str], known: list[str], faults: list[FileFault]) -> list[str]:
    """The known names of the headings; one that is not known is a fault."""
    names = {heading_key(name): name for name in known}
    columns = []
    for cell in map(one_line, header):
        key = heading_key(cell)
        name = cell if cell in known else names.get(key, cell)
        if name and name not in known:
            near = get_close_matches(key[:40], names, 1)
            right = f"le plus proche est « {names[near[0]]} » : l'écrire ainsi" if near else one_of(known)
            advice = f"n'est pas un titre de colonne connu, {right}, ou supprimer la colonne"
            faults.append(FileFault(line, shown(cell), "", advice))
        columns.append(name)
    return columns


def _check_columns(line: int, columns: list[str], required: Iterable[str], faults: list[FileFault]) -> None:
    """Raises `ImportRefused` where the rows cannot be read."""
    counts = Counter(filter(None, columns))
    twice = [name for name, count in counts.items() if count > 1]
    faults += [
        FileFault(line, name, "", "cette colonne figure deux fois : supprimer l'une des deux.") for name in twice
    ]
    if missing := [name for name in required if name not in counts]:
        found = ", ".join(map(shown, list(counts)[:40])) or "aucune"
        what = (
            f"colonnes manquantes : {', '.join(missing)}. Colonnes trouvées : {found}."
            " La première ligne doit porter les noms des colonnes, séparés par « ; », « , » ou une tabulation."
        )
        faults.append(FileFault(line, "", "", what))
    if missing or twice:
        raise ImportRefused(faults)


def _whole(line: int, cells: list[str], columns: list[str], least: int, faults: list[FileFault]) -> bool:
    """Does the line have its `least` first cells, and text under headings only?"""
    if len(cells) >= least and not any(map(str.strip, cells[len(columns) :])):
        for at, (name, cell) in enumerate(zip(columns, cells, strict=False), 1):
            if not name and cell.strip():
                what = f"est sous une colonne sans titre (la {at}ᵉ), que personne ne lit : "
                faults.append(FileFault(line, "", cell, what + "lui donner un titre connu, ou la vider"))
        return True
    what = f"{len(cells)} cellules au lieu de {len(columns)} : vérifier les séparateurs, et mettre"
    faults.append(FileFault(line, "", "", what + " entre guillemets un texte qui en contient."))
    return False


def one_line(text: str) -> str:
    return clean(_BREAKS.sub(" ", text)).strip()


def read_amount(row: FileRow, column: str, faults: list[FileFault], *, required: bool = False) -> Decimal | None:
    """Euros, or `None` for an empty cell and where a fault was found."""
    text = row.raw.get(column, "")
    try:
        amount = parse_amount(text)
    except NotAnAmount as error:
        faults.append(FileFault(row.line, column, text, error.advice))
        return None
    if amount is None and required:
        faults.append(FileFault(row.line, column, "", "vide, écrire un montant, par exemple 12000"))
    return amount
