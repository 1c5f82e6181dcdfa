"""Lists that an administrator pastes or uploads for a contract: read into entries, each of which is made by
the domain's own door. A preview makes them too, and is rolled back: its faults are the true ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from grants.database import db
from grants.domain.contract.contract import PartsAdded, lock
from grants.domain.contract.taken import INSEE, ZONE_CODE
from grants.domain.contract.theme import ThemesAdded, ThemeTerms
from grants.domain.importing.contract_file import NATURES, OUTSIDE_ZONE
from grants.domain.importing.faults import FileFault, ImportRefused, one_of
from grants.domain.importing.outline import read_outline
from grants.domain.importing.pasted import PastedColumn, read_rows
from grants.domain.importing.reading import FileRow
from grants.domain.ledger.operation import operation
from grants.domain.organisation.identity import RNA, list_organisation
from grants.errors import DomainError
from grants.models import Commune, Contract, Funder, Institution, Nature, Theme, User, Zone
from grants.names import compact, fold
from grants.words import word

MOST = 500
LONGEST, LONGEST_THEME = 250, 1000  # signs of a cell
LIST = "list"
_EXISTS = "existe déjà"
T = TypeVar("T", Commune, Zone, Institution, Funder)
# Makes its thing, or says why not: what it is the double of.
Make = Callable[[], str]


@dataclass(frozen=True)
class ListEntry:
    """`cells`: under the headings of its list, none longer than `most`; `depth`: of a tree."""

    line: int
    cells: tuple[str, ...]
    make: Make
    depth: int = 0
    most: int = LONGEST


@dataclass(frozen=True)
class ListLine:
    """`reason`: why nothing is made of it; empty where something is."""

    line: int
    cells: tuple[str, ...]
    depth: int
    reason: str


@dataclass
class ListReading:
    """What is made for one list; `only`: of these communes; `links`: of the people invited, shown where no
    mail goes out; `becomes`: by line, what changes of what is there; `ends`: what writes all that was made."""

    contract: Contract
    by: User
    only: str = ""
    faults: list[FileFault] = field(default_factory=list)
    links: list[tuple[User, str]] = field(default_factory=list)
    lines: list[ListLine] = field(default_factory=list)
    becomes: dict[int, str] = field(default_factory=dict)
    ends: list[Callable[[], None]] = field(default_factory=list)

    def adding(self, model: type[T]) -> PartsAdded[T]:
        """Parts that are written together, once all lines are read."""
        added = PartsAdded(model, self.contract, by=self.by)
        self.ends.append(added.end)
        return added

    @property
    def made(self) -> int:
        return sum(not line.reason for line in self.lines)


Read = Callable[[str, ListReading], Iterable[ListEntry]]


def write_list(read: Read, text: str, contract: Contract, *, by: User, only: str = "") -> ListReading:
    """All of it in one operation; what is wrong of it is in `faults`, and then the caller rolls back."""
    done = ListReading(contract, by, only)
    lock(contract)
    try:
        entries = list(read(text, done))
    except ImportRefused as refused:
        done.faults = refused.faults
        return done
    if len(entries) > MOST:
        what = f"{len(entries)} lignes : {MOST} au plus à la fois. Raccourcissez la liste, ou choisissez vos communes."
        done.faults = [FileFault(None, "", "", what)]
        return done
    with operation(contract.id, LIST, by=by):
        for entry in entries:
            try:
                if any(len(cell) > entry.most for cell in entry.cells):
                    raise DomainError(f"{entry.most} caractères au plus.")
                reason = entry.make()
            except DomainError as error:
                done.faults.append(FileFault(entry.line, "", entry.cells[0], f": {error.message}"))
            else:
                done.lines.append(ListLine(entry.line, entry.cells, entry.depth, reason))
        for end in done.ends:
            end()
    done.faults = ImportRefused(done.faults).faults
    return done


def read_themes(text: str, done: ListReading) -> Iterable[ListEntry]:
    contract = done.contract
    levels, path = contract.level_names, list[tuple[int, Theme]]()
    added = ThemesAdded(contract, by=done.by)
    done.ends.append(added.end)

    def make(depth: int, terms: ThemeTerms) -> str:
        path[:] = [(at, theme) for at, theme in path if at < depth]
        above = path[-1][1] if path else None
        if len(levels) <= depth:
            raise DomainError(
                f"cette ligne est au niveau {depth + 1}, et le contrat en nomme {len(levels)} ({', '.join(levels)})."
                " Ajoutez-lui un niveau, ou remontez cette ligne."
            )
        there = added.there(above, terms.label)
        path.append((depth, there or added.add(above, depth, terms)))
        return _EXISTS if there else ""

    for row in read_outline(text, levels):
        yield ListEntry(
            row.line,
            (row.label, str(row.number or ""), levels[row.depth] if row.depth < len(levels) else ""),
            partial(make, row.depth, ThemeTerms(row.label, row.number)),
            row.depth,
            LONGEST_THEME,
        )


ZONES = (
    PastedColumn("Code", ("codeq", "qp", "code"), lambda cell: ZONE_CODE.fullmatch(cell) is not None),
    PastedColumn(
        "INSEE", ("inseecom", "codeinsee", "codecom", "insee"), lambda cell: INSEE.fullmatch(cell) is not None
    ),
    PastedColumn("Quartier", ("libqp", "nomq", "quartier", "nomduq", "libelleq", "nom", "libelle"), needed=True),
    PastedColumn("Commune", ("libcom", "nomcom", "commune", "nomdelacommune", "nomsdescommunes", "ville")),
)


def read_zones(text: str, done: ListReading) -> Iterable[ListEntry]:
    """`Hors QPV` is made beside them. Of two columns of words the commune's is the one that repeats itself.
    Each zone goes to its commune; communes that the contract lacks are made where there are several, with
    their codes."""
    contract, added = done.contract, done.adding(Zone)
    rows = read_rows(text, ZONES, done.faults)
    names, communes = (len({fold(row.get(column)) for row in rows}) for column in ("Quartier", "Commune"))
    if communes > names:
        rows = [FileRow(r.line, r.raw | {"Quartier": r.get("Commune"), "Commune": r.get("Quartier")}) for r in rows]
    places = {fold(commune.label): commune for commune in contract.communes}

    def make(label: str, code: str, commune: str) -> str:
        place = places.get(fold(commune))
        place_id = place.id if place else None
        known = added.taken.named(label, place_id) or added.taken.coded(code)
        if not known:
            priority = fold(label) != fold(OUTSIDE_ZONE)
            added.add(label=label, code=code, priority=priority, commune_id=place_id)
        return f"{_EXISTS} : {known}" if known else ""

    if only := {fold(name) for name in done.only.split(",") if fold(name)}:
        rows = [row for row in rows if fold(row.get("Commune")) in only]
        if not rows:
            what = "ne se trouve dans aucune ligne : vérifiez les noms des communes"
            done.faults.append(FileFault(None, "", done.only, what))
    named = {fold(name): (name, row) for row in rows if (name := row.get("Commune"))}
    several = len({*named, *places}) > 1
    lacking = {key: each for key, each in named.items() if several and key not in places}
    if all(row.get("INSEE") for _, row in lacking.values()):
        yield from _communes(lacking.values(), places, done)
        lacking = {}
    for row in rows:
        code, name = _coded(row)
        commune = row.get("Commune")
        apart = fold(commune) in lacking
        if apart:
            done.becomes[row.line] = "nouveau, sans sa commune : ajoutez-en le code INSEE dans une colonne"
        label = f"{name} ({commune})" if apart and not contract.communes else name
        yield ListEntry(row.line, (label, code, commune if several else ""), partial(make, label, code, commune))
    if not added.taken.named(OUTSIDE_ZONE):
        yield ListEntry(0, (OUTSIDE_ZONE, "", ""), partial(make, OUTSIDE_ZONE, "", ""))


def _coded(row: FileRow) -> tuple[str, str]:
    """The code of a zone, which may stand in its name, and its name without it."""
    code, name = row.get("Code"), row.get("Quartier")
    found = ZONE_CODE.search(f"{code} {name}")
    return (found[0].upper(), name.replace(found[0], "").strip(" -–—:,;()") or name) if found else (code, name)


def _communes(
    named: Iterable[tuple[str, FileRow]], places: dict[str, Commune], done: ListReading
) -> Iterable[ListEntry]:
    """Before their zones, which name them by `places`."""
    added = done.adding(Commune)

    def make(label: str, insee: str) -> str:
        places[fold(label)] = added.add(label=label, insee=insee)
        db.session.flush()
        db.session.expire(done.contract, ["communes"])
        return ""

    for name, row in named:
        insee = row.get("INSEE")
        yield ListEntry(row.line, (f"Commune : {name}", insee, ""), partial(make, name, insee))


PARTNERS = (
    PastedColumn("Institution", ("institution",), needed=True),
    PastedColumn("Code", ("code",)),
    PastedColumn("Financeur", ("financeur", "nom", "libelle", "ligne")),
    PastedColumn("Hors plateforme", ("hors",), lambda cell: fold(cell) in ("oui", "non")),
    PastedColumn("Commune", ("commune",)),
)
_OUTSIDE = {"oui": True, "non": False, "": False}


def read_partners(text: str, done: ListReading) -> Iterable[ListEntry]:
    """A line of credit a line; its institution is made with the first of its own. It is there already where this
    institution has the code and the name that are said, or its own name where it stands alone."""
    contract = done.contract
    known = {(fold(i.label), fold(f.code), fold(f.label)): f.code for i in contract.institutions for f in i.funders}
    owners = {fold(institution.label): institution for institution in contract.institutions}
    places = {fold(commune.label): commune for commune in contract.communes}
    institutions, funders = done.adding(Institution), done.adding(Funder)

    def make(institution: str, code: str, label: str, outside: bool, commune: Commune | None) -> str:
        of = owners.get(fold(institution))
        if of is None:
            of = owners[fold(institution)] = institutions.add(label=institution, outside=outside, delegates=outside)
            db.session.flush()
        funders.add(institution_id=of.id, code=code, label=label, commune_id=commune.id if commune else None)
        return ""

    for row in read_rows(text, PARTNERS, done.faults):
        institution, code, label = row.get("Institution"), row.get("Code"), row.get("Financeur")
        if " " in code and not label:
            code, label = "", code
        owner, typed, said = fold(institution), fold(code), fold(label or ("" if code else institution))
        own = [(key, name, its) for (at, key, name), its in known.items() if at == owner and typed in ("", key)]
        there = next((its for key, name, its in own if said in ("", name) or said == key == owner), "")
        label = label or (institution if not code or fold(code) == fold(institution) else f"{institution} – {code}")
        made = "-".join(fold(label).upper().split())
        codes = [made[:20].strip("-"), *(f"{made[:16].strip('-')}-{number}" for number in range(2, 1000))]
        taken = {key for _, key, _ in known}
        code = there or code or next(each for each in codes if fold(each) not in taken)
        known.setdefault((owner, fold(code), fold(label)), code)
        outside, commune = _OUTSIDE.get(fold(row.get("Hors plateforme"))), places.get(fold(row.get("Commune")))
        if outside is None:
            what = "écrivez oui, non, ou rien"
            done.faults.append(FileFault(row.line, "Hors plateforme", row.get("Hors plateforme"), what))
            continue
        if commune is None and row.get("Commune"):
            what = f"commune inconnue, {one_of(c.label for c in contract.communes)}, ou rien"
            done.faults.append(FileFault(row.line, "Commune", row.get("Commune"), what))
            continue
        cells = (institution, code, label, "non" if outside else "oui", commune.label if commune else "")
        make_it = partial(str, _EXISTS) if there else partial(make, institution, code, label, outside, commune)
        yield ListEntry(row.line, cells, make_it)


def _is_siret(cell: str) -> bool:
    return len(compact(cell)) == 14 and compact(cell).isdecimal()


ORGANISATIONS = (
    PastedColumn("SIRET", ("siret", "numerosiret", "nsiret"), _is_siret),
    PastedColumn("RNA", ("rna", "numerorna", "nrna"), lambda cell: RNA.fullmatch(compact(cell)) is not None),
    PastedColumn("Nature", ("nature", "statut", "forme", "type"), lambda cell: fold(cell) in NATURES),
    PastedColumn("Nom", ("nom", "organisation", "porteur", "association", "raison", "denomination"), needed=True),
)


def read_organisations(text: str, done: ListReading) -> Iterable[ListEntry]:
    def make(line: int, name: str, nature: Nature, siret: str, rna: str) -> str:
        told, became = list_organisation(done.contract, name, nature, siret, rna, by=done.by)
        if became:
            done.becomes[line] = became
        return told

    for row in read_rows(text, ORGANISATIONS, done.faults):
        said = row.get("Nature")
        nature = NATURES.get(fold(said)) if said else Nature.ASSOCIATION
        if nature is None:
            done.faults.append(FileFault(row.line, "Nature", said, f"n'est pas connue, {one_of(map(word, Nature))}"))
            continue
        name, siret, rna = row.get("Nom"), compact(row.get("SIRET")), compact(row.get("RNA"))
        cells = (name, word(nature), siret, rna)
        yield ListEntry(row.line, cells, partial(make, row.line, name, nature, siret, rna))
