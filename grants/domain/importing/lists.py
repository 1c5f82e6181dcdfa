"""Lists that an administrator pastes or uploads for a contract: read into entries, each of which is made by
the domain's own door. A preview makes them too, and is rolled back: its faults are the true ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from grants.domain.contract.contract import ZONE_CODE, add_part, lock
from grants.domain.contract.theme import ThemeTerms, add_theme
from grants.domain.importing.contract_file import NATURES, OUTSIDE_ZONE
from grants.domain.importing.faults import FileFault, ImportRefused, one_of
from grants.domain.importing.outline import read_outline
from grants.domain.importing.pasted import PastedColumn, read_rows
from grants.domain.importing.reading import FileRow
from grants.domain.ledger.operation import operation
from grants.domain.organisation.identity import RNA, list_organisation
from grants.errors import DomainError
from grants.models import Contract, Funder, Institution, Nature, Theme, User, Zone
from grants.names import compact, fold
from grants.words import word

MOST = 500
LONGEST, LONGEST_THEME = 250, 1000  # signs of a cell
LIST = "list"
_HERE = "existe déjà"
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
    """`told`: why nothing is made of it; empty where something is."""

    line: int
    cells: tuple[str, ...]
    depth: int
    told: str


@dataclass
class ListReading:
    """What is made for one list; `only`: of these communes; `links`: of the people invited, shown where no
    mail goes out; `becomes`: by line, what changes of what is there."""

    contract: Contract
    by: User
    only: str = ""
    faults: list[FileFault] = field(default_factory=list)
    links: list[tuple[User, str]] = field(default_factory=list)
    lines: list[ListLine] = field(default_factory=list)
    becomes: dict[int, str] = field(default_factory=dict)

    @property
    def made(self) -> int:
        return sum(not line.told for line in self.lines)


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
                told = entry.make()
            except DomainError as error:
                done.faults.append(FileFault(entry.line, "", entry.cells[0], f": {error.message}"))
            else:
                done.lines.append(ListLine(entry.line, entry.cells, entry.depth, told))
    done.faults = ImportRefused(done.faults).faults
    return done


def read_themes(text: str, done: ListReading) -> Iterable[ListEntry]:
    contract = done.contract
    levels, path = contract.level_names, list[tuple[int, Theme]]()

    def make(depth: int, terms: ThemeTerms) -> str:
        path[:] = [(at, theme) for at, theme in path if at < depth]
        above = path[-1][1] if path else None
        if len(levels) <= depth:
            raise DomainError(
                f"cette ligne est au niveau {depth + 1}, et le contrat en nomme {len(levels)} ({', '.join(levels)})."
                " Ajoutez-lui un niveau, ou remontez cette ligne."
            )
        beside = (t for t in contract.themes if t.parent_id == (above.id if above else None) and not t.archived)
        there = next((theme for theme in beside if fold(theme.label) == fold(terms.label)), None)
        path.append((depth, there or add_theme(contract, above, depth, terms, by=done.by)))
        return _HERE if there else ""

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
    PastedColumn("Quartier", ("libqp", "nomq", "quartier", "nomduq", "libelleq", "nom", "libelle"), needed=True),
    PastedColumn("Commune", ("libcom", "nomcom", "commune", "nomdelacommune", "nomsdescommunes", "ville")),
)


def read_zones(text: str, done: ListReading) -> Iterable[ListEntry]:
    """`Hors QPV` is made beside them. Of two columns of words the commune's is the one that repeats itself.
    A contract of several communes has them already: each zone goes to its own."""
    contract = done.contract
    rows = read_rows(text, ZONES, done.faults)
    names, communes = (len({fold(row.get(column)) for row in rows}) for column in ("Quartier", "Commune"))
    if communes > names:
        rows = [FileRow(r.line, r.raw | {"Quartier": r.get("Commune"), "Commune": r.get("Quartier")}) for r in rows]
    places = {fold(commune.label): commune.id for commune in contract.communes}

    def make(label: str, code: str, commune: str) -> str:
        place = places.get(fold(commune))
        known = [
            z
            for z in contract.zones
            if (fold(z.label) == fold(label) and z.commune_id == place) or (code and z.code == code)
        ]
        if not known:
            priority = fold(label) != fold(OUTSIDE_ZONE)
            add_part(Zone, contract, by=done.by, label=label, code=code, priority=priority, commune_id=place)
        return f"{_HERE} : {known[0].label}" if known else ""

    if only := {fold(name) for name in done.only.split(",") if fold(name)}:
        rows = [row for row in rows if fold(row.get("Commune")) in only]
        if not rows:
            what = "ne se trouve dans aucune ligne : vérifiez les noms des communes"
            done.faults.append(FileFault(None, "", done.only, what))
    several = len({fold(row.get("Commune")) for row in rows}) > 1
    for row in rows:
        found = ZONE_CODE.search(f"{row.get('Code')} {row.get('Quartier')}")
        code, name = found[0].upper() if found else "", row.get("Quartier")
        if found:
            name = name.replace(found[0], "").strip(" -–—:,;()") or name
        commune = row.get("Commune")
        label = f"{name} ({commune})" if several and commune and not places else name
        yield ListEntry(row.line, (label, code), partial(make, label, code, commune))
    if not any(fold(zone.label) == fold(OUTSIDE_ZONE) for zone in contract.zones):
        yield ListEntry(0, (OUTSIDE_ZONE, ""), partial(make, OUTSIDE_ZONE, "", ""))


PARTNERS = (
    PastedColumn("Institution", ("institution",), needed=True),
    PastedColumn("Code", ("code",)),
    PastedColumn("Financeur", ("financeur", "nom", "libelle", "ligne")),
    PastedColumn("Hors plateforme", ("hors",)),
)


def read_partners(text: str, done: ListReading) -> Iterable[ListEntry]:
    """A line of credit a line; its institution is made with the first of its own. It is there already where this
    institution has the code and the name that are said, or its own name where it stands alone."""
    contract = done.contract
    known = {(fold(i.label), fold(f.code), fold(f.label)): f.code for i in contract.institutions for f in i.funders}

    def make(institution: str, code: str, label: str, outside: bool) -> str:
        of = next((i for i in contract.institutions if fold(i.label) == fold(institution)), None)
        of = of or add_part(Institution, contract, by=done.by, label=institution, outside=outside, delegates=outside)
        add_part(Funder, of, by=done.by, code=code, label=label)
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
        outside = fold(row.get("Hors plateforme")) not in ("", "non")
        cells = (institution, code, label, "non" if outside else "oui")
        make_it = partial(str, _HERE) if there else partial(make, institution, code, label, outside)
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
    for row in read_rows(text, ORGANISATIONS, done.faults):
        said = row.get("Nature")
        nature = NATURES.get(fold(said)) if said else Nature.ASSOCIATION
        if nature is None:
            done.faults.append(FileFault(row.line, "Nature", said, f"n'est pas connue, {one_of(map(word, Nature))}"))
            continue
        name, siret, rna = row.get("Nom"), compact(row.get("SIRET")), compact(row.get("RNA"))
        make = partial(list_organisation, done.contract, name, nature, siret, rna, by=done.by)
        yield ListEntry(row.line, (name, word(nature), siret, rna), make)
