"""The programming of one or several years from a CSV file: all of it, or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import accumulate

from grants.domain.decisions import rules
from grants.domain.dossier.budget import surprising
from grants.domain.envelope import Link, Room, rooms
from grants.domain.importing.catalogue import Catalogue
from grants.domain.importing.dossiers import COLUMNS, OTHERS, DossierKey, ImportedDossier, LineageKey, LineReader
from grants.domain.importing.faults import FileFault, ImportRefused, Report, shown
from grants.domain.importing.predecessors import find_predecessors
from grants.domain.importing.reading import FileTable, read_table
from grants.domain.importing.stored import StoredDossiers, differences
from grants.domain.importing.storing import store
from grants.french import counted, euros
from grants.models import Contract, User

_MONEY = ("demande_", "accorde_")


def import_programming(data: bytes, contract: Contract, *, by: User, dry_run: bool = False) -> Report:
    """Create the dossiers that are not there yet, with their decisions; never change one.

    With `dry_run` everything is checked and nothing written. Open a write transaction before
    (`begin_write`). Raises `ImportRefused` with every fault of the file.
    """
    catalogue = Catalogue(contract)
    money = [f"{prefix}{code}" for code in catalogue.funders for prefix in _MONEY]
    table = read_table(data, COLUMNS, [*OTHERS, *money])
    _check_money_columns(table, catalogue)
    faults = table.faults
    read = [LineReader(row, catalogue, faults).dossier() for row in table.rows]
    dossiers = [each for each in read if each]
    stored = StoredDossiers(contract.id, max((d.campaign.year for d in dossiers), default=0))
    faults += _twice(dossiers)
    faults += _lost(dossiers, stored)
    for each in dossiers:
        if old := stored.find(each):
            faults += differences(each, old, stored, catalogue)
    new = [each for each in dossiers if not stored.find(each)]
    faults += _overruns(new, catalogue)
    if faults:
        raise ImportRefused(faults)
    new, told = find_predecessors(new, stored)
    if not dry_run:
        store(new, stored, contract, by=by)
    report = _report(new, len(dossiers) - len(new), dry_run)
    doubts = [*_alike(dossiers, stored), *_beyond_reason(new, catalogue)]
    report.messages.extend([*map(str, doubts), *told])
    return report


def _check_money_columns(table: FileTable, catalogue: Catalogue) -> None:
    """Raises `ImportRefused` where one of a pair is missing, or all are."""
    faults = []
    found = {prefix: {code for code in catalogue.funders if f"{prefix}{code}" in table.columns} for prefix in _MONEY}
    for code in sorted(found["demande_"] ^ found["accorde_"]):
        missing = "accorde_" if code in found["demande_"] else "demande_"
        faults.append(FileFault(1, "", "", f"colonne manquante : {missing}{code}"))
    if not found["demande_"] | found["accorde_"]:
        pairs = ", ".join(f"demande_{code}, accorde_{code}" for code in catalogue.funders)
        what = f"colonnes manquantes : demande_… et accorde_… pour chaque financeur, par exemple {pairs}"
        faults.append(FileFault(1, "", "", what))
    if faults:
        raise ImportRefused([*table.faults, *faults])


def _twice(dossiers: list[ImportedDossier]) -> Iterator[FileFault]:
    lines: dict[DossierKey, int] = {}
    for each in dossiers:
        first = lines.setdefault(each.key, each.line)
        if first != each.line:
            advice = (
                f"est déjà à la ligne {first}, pour le même appel et le même porteur : supprimer"
                " l'une des deux lignes, ou distinguer les intitulés"
            )
            yield FileFault(each.line, "intitule", each.title, advice)


def _alike(dossiers: list[ImportedDossier], stored: StoredDossiers) -> Iterator[FileFault]:
    """To look at: titles that differ from another only by their typing."""
    first: dict[DossierKey, ImportedDossier] = {}
    for dossier in dossiers:
        other, old = first.setdefault(dossier.alike, dossier), stored.find(dossier)
        if old and old.title.casefold() != dossier.title.casefold():
            remark = (
                f"est déjà déposé sous « {shown(old.title)} » ({old.reference}) : c'est le même"
                " dossier, il n'est pas créé une seconde fois"
            )
        elif other.key != dossier.key and not old:
            remark = (
                f"est déjà déposé sous « {shown(other.title)} », ligne {other.line} ? Les deux"
                " titres ne diffèrent que par leur typographie : s'il s'agit de la même action,"
                " n'en garder qu'une"
            )
        else:
            continue
        yield FileFault(dossier.line, "intitule", dossier.title, remark)


def _beyond_reason(new: list[ImportedDossier], catalogue: Catalogue) -> Iterator[FileFault]:
    """To look at: amounts that the form would ask about (`surprising`)."""
    advice = "dépasse de très loin l'enveloppe de ce financeur : vérifier ce montant"
    least = {id: surprising(id) for id in {each.campaign.id for each in new}}
    for each in new:
        for funder_id, money in each.money.items():
            if money.requested >= least[each.campaign.id][funder_id]:
                column = f"demande_{catalogue.code_of(funder_id)}"
                yield FileFault(each.line, column, euros(money.requested), advice)


def _lost(dossiers: list[ImportedDossier], stored: StoredDossiers) -> Iterator[FileFault]:
    """Predecessors that neither the database nor the file holds."""
    known: set[LineageKey] = {dossier.lineage(dossier.campaign.year, dossier.title) for dossier in dossiers}
    known |= stored.by_lineage.keys()
    for dossier in dossiers:
        year = dossier.campaign.year - 1
        if not dossier.before or dossier.before in known:
            continue
        advice = (
            f"n'est pas un dossier « {dossier.campaign.kind} » de {year} du même porteur : écrire"
            f" l'intitulé exact, importer d'abord l'année {year}, ou laisser vide"
        )
        yield FileFault(dossier.line, "predecesseur", dossier.predecessor, advice)


def _overruns(new: list[ImportedDossier], catalogue: Catalogue) -> Iterator[FileFault]:
    """Grants without an envelope or past what is left of it, which stays locked from here on."""
    grants = [
        ((each.campaign.id, funder_id), each, money.granted)
        for each in new
        for funder_id, money in each.money.items()
        if money.granted
    ]
    for room in rooms((link, amount) for link, _, amount in grants):
        for _why in rules.no_room(room.needed, room.left, raises=room.raises):
            yield _overrun(room, [each for each in grants if each[0] in room.links], catalogue)


def _overrun(room: Room, grants: list[tuple[Link, ImportedDossier, Decimal]], catalogue: Catalogue) -> FileFault:
    """At the first line that does not fit any more."""
    sums = accumulate(amount for *_, amount in grants)
    (_, funder_id), dossier, amount = next(
        grant for grant, so_far in zip(grants, sums, strict=True) if so_far > (room.left or 0)
    )
    code = catalogue.code_of(funder_id)
    advice = (
        f"mais {code} n'a pas d'enveloppe pour l'appel « {dossier.campaign.label} » : importer"
        " d'abord le fichier des enveloppes, ou la saisir"
        if room.left is None
        else f"dépasse l'enveloppe de {code} : il y restait {euros(room.left)}, le fichier y"
        f" accorde {euros(room.needed)} ; diminuer des montants accordés, ou relever l'enveloppe"
    )
    return FileFault(dossier.line, f"accorde_{code}", euros(amount), advice)


def _report(new: list[ImportedDossier], unchanged: int, dry_run: bool) -> Report:
    messages = [
        f"{label} : {_numbered(count, dry_run)}" for label, count in Counter(one.campaign.label for one in new).items()
    ]
    return Report(len(new), 0, unchanged, [*messages, counted(unchanged, "dossier", "inchangé")])


def _numbered(count: int, dry_run: bool) -> str:
    if dry_run:
        return f"{counted(count, 'dossier')} à créer (vérification seule, rien n'est écrit)"
    return counted(count, "dossier", "créé")
