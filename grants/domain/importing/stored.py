"""The dossiers that a contract holds already, and how a line of a file differs from them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from grants.database import copy_as, db, select_as
from grants.domain.importing.catalogue import Catalogue
from grants.domain.importing.dossiers import DossierKey, ImportedDossier, LineageKey, key_of
from grants.domain.importing.faults import FileFault, shown
from grants.domain.importing.reasons import UNPUBLISHED
from grants.french import euros
from grants.models import Campaign, FundingLine, Kind, Project
from grants.names import fold
from grants.words import word


@dataclass(frozen=True)
class StoredDossier:
    """A dossier of the database, to compare with. `money` by funder id: asked, granted, why."""

    id: int
    reference: str
    title: str
    theme_id: int | None
    commune_id: int | None
    kind: tuple[Kind, int | None, int | None]
    total_cost: Decimal | None
    predecessor_id: int | None
    source_note: str
    money: dict[int, tuple[Decimal | None, Decimal | None, str]]


class StoredDossiers:
    """Those up to some year, by what they are recognised by: their title as it is written, else
    however it is typed. A draft is its author's own, even when abandoned."""

    def __init__(self, contract_id: int, last: int) -> None:
        self._by_key: dict[DossierKey, StoredDossier] = {}
        self._alike: dict[DossierKey, StoredDossier] = {}
        self.by_lineage: dict[LineageKey, int] = {}
        self.lineages: Counter[LineageKey] = Counter()
        self.titles: dict[int, str] = {}
        wanted = (Project.contract_id == contract_id, Project.year <= last, Project.reference.is_not(None))
        money = self._read_money(wanted)
        for row in db.session.execute(
            select_as(StoredDossier, Project)
            .add_columns(Project.campaign_id, Project.organisation_id, Project.year)
            .add_columns(Project.year_of, Project.years_total, Campaign.kind.label("call_kind"))
            .join(Campaign, Campaign.id == Project.campaign_id)
            .where(*wanted)
            .order_by(Project.id)
        ):
            self._add(row, money[row.id])

    def _read_money(self, wanted: Iterable[Any]) -> dict[int, dict[int, tuple[Decimal | None, Decimal | None, str]]]:
        money: dict[int, dict[int, tuple[Decimal | None, Decimal | None, str]]] = defaultdict(dict)
        line = FundingLine
        for project_id, funder_id, asked, granted, reason in db.session.execute(
            select(line.project_id, line.funder_id, line.requested, line.granted, line.reason)
            .join(Project, Project.id == line.project_id)
            .where(*wanted)
        ):
            money[project_id][funder_id] = (asked, granted, reason)
        return money

    def _add(self, row: Any, money: dict[int, tuple[Decimal | None, Decimal | None, str]]) -> None:
        title = fold(row.title)
        stored = copy_as(StoredDossier, row, kind=(row.kind, row.year_of, row.years_total), money=money)
        self._by_key.setdefault(key_of(row.campaign_id, row.organisation_id, row.title), stored)
        self._alike.setdefault((row.campaign_id, row.organisation_id, title), stored)
        lineage = (row.year, fold(row.call_kind), row.organisation_id, title)
        self.by_lineage.setdefault(lineage, row.id)
        self.lineages[lineage] += 1
        self.titles[row.id] = row.title

    def find(self, new: ImportedDossier) -> StoredDossier | None:
        return self._by_key.get(new.key) or self._alike.get(new.alike)


def differences(
    new: ImportedDossier, old: StoredDossier, dossiers: StoredDossiers, catalogue: Catalogue
) -> Iterator[FileFault]:
    """A fault for each value that the file gives otherwise than the database, showing both."""
    for column, written, kept in _compared(new, old, dossiers, catalogue):
        advice = (
            f"diffère du dossier {old.reference}, enregistré avec « {shown(kept) or '(vide)'} » :"
            " écrire la même valeur, ou corriger le dossier dans l'application"
        )
        yield FileFault(new.line, column, written or "(vide)", advice)


def _compared(
    new: ImportedDossier, old: StoredDossier, dossiers: StoredDossiers, catalogue: Catalogue
) -> Iterator[tuple[str, str, str]]:
    """(column, in the file, in the database) where they are not the same."""
    if new.theme_id != old.theme_id:
        paths = catalogue.theme_path(new.theme_id), catalogue.theme_path(old.theme_id)
        yield "orientation", *paths
    if new.commune_id and new.commune_id != old.commune_id:
        known = catalogue.commune_labels
        yield "commune", known[new.commune_id], known.get(old.commune_id or 0, "")
    kind = (new.kind, new.year_of, new.years_total)
    if kind != old.kind:
        yield "type", _kind_text(*kind), _kind_text(*old.kind)
    if new.total_cost != old.total_cost:
        yield "cout_total", euros(new.total_cost), euros(old.total_cost)
    if new.before and dossiers.by_lineage.get(new.before) != old.predecessor_id:
        yield "predecesseur", new.predecessor, dossiers.titles.get(old.predecessor_id or 0, "")
    if new.source_note and new.source_note != old.source_note:
        yield "intitule_source", new.source_note, old.source_note
    for code, funder_id in catalogue.funders.items():
        yield from _compared_money(code, funder_id, new, old)


def _compared_money(
    code: str, funder_id: int, new: ImportedDossier, old: StoredDossier
) -> Iterator[tuple[str, str, str]]:
    money = new.money.get(funder_id)
    asked, granted, reason = (money.requested, money.granted, money.reason) if money else (Decimal(0), None, "")
    kept_asked, kept_granted, kept_reason = old.money.get(funder_id, (None, None, ""))
    if asked != (kept_asked or 0):
        yield f"demande_{code}", euros(asked), euros(kept_asked)
    if granted != kept_granted:
        yield f"accorde_{code}", euros(granted), euros(kept_granted)
    elif reason not in (kept_reason, UNPUBLISHED):
        yield "motif", reason, kept_reason


def _kind_text(kind: Kind, year_of: int | None, years_total: int | None) -> str:
    return f"cpo {year_of}/{years_total}" if kind is Kind.MULTIYEAR else word(kind)
