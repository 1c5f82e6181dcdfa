"""A contract from its JSON file: created, or brought up to it; nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from sqlalchemy import func, select

from grants.database import db
from grants.domain.importing.campaign_parts import write_parts
from grants.domain.importing.communes import ZonePart, refuse_other_codes
from grants.domain.importing.contract_file import (
    CHOICES,
    CONTRACT_TEXTS,
    OUTSIDE_ZONE,
    TEXTS,
    CampaignPart,
    ContractPart,
    InstitutionPart,
    ThemePart,
    read_contract,
)
from grants.domain.ledger import history
from grants.french import counted
from grants.models import (
    Base,
    Campaign,
    CampaignFunder,
    Commune,
    Contract,
    CrossTheme,
    Funder,
    HistoryEntry,
    Institution,
    Merge,
    Organisation,
    Theme,
    User,
    Zone,
)
from grants.names import fold

T = TypeVar("T", bound=Base)
# How the file names what it tells of a contract or a call.
_DATES = {"opens_at": "ouverture", "closes_at": "cloture"}
_KEYS = {"label": "libelle", "priority_area": "quartier_prioritaire"} | CONTRACT_TEXTS | TEXTS | CHOICES | _DATES


def import_contract(data: bytes, *, by: User, tell: Callable[[str], object] = str) -> Contract:
    """Create or complete the contract that the file names; the same again changes nothing.

    Rows are recognised by their labels or codes. What others than `by` have typed since of the contract
    and its calls is kept, and `tell` is called with it (rules 8). Raises `ImportRefused` with every fault of the
    file, nothing being changed then.
    """
    part = read_contract(data)
    contract = db.session.scalar(select(Contract).where(Contract.slug == part.slug).with_for_update(key_share=True))
    update = _Update(contract, part, by, tell)
    update.write(part)
    if update.changes:
        what = f"Fichier du contrat : {counted(update.changes, 'changement')}"
        history.record(update.contract, "import", by=by, reason=what)
        db.session.flush()
        db.session.expire(update.contract)
    return update.contract


class _Update:
    """Writes what differs, and counts it."""

    def __init__(self, contract: Contract | None, part: ContractPart, by: User, tell: Callable[[str], object]) -> None:
        self.changes = 0
        self.by, self.tell = by, tell
        self.new = contract is None
        self.writers = _writers(contract)
        self.contract = self._put(
            contract,
            Contract,
            {"slug": part.slug},
            **_years(contract, part),
            level_names=part.level_names,
            **self._untyped(contract, {"label": part.label, "priority_area": part.priority_area, **part.texts}),
        )
        self.owner = {"contract_id": self.contract.id}

    def write(self, part: ContractPart) -> None:
        self._zones(part)
        cross_themes = self._rows(CrossTheme)
        for position, (label, archived) in enumerate(part.cross_themes):
            identity = {**self.owner, "label": label}
            self._put(cross_themes.get(fold(label)), CrossTheme, identity, position=position, **_archived(archived))
        self._themes(part.themes)
        funders = self._institutions(part.institutions)
        self._campaigns(part.campaigns, funders)
        self._bearers(part)

    def _put(self, row: T | None, model: type[T], identity: dict[str, Any], **values: Any) -> T:
        """`row` with these values; a new one when there is none."""
        if row is None:
            row = model(**identity, **values)
            db.session.add(row)
            self.changes += 1
            db.session.flush()
            return row
        for name, value in values.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
                self.changes += 1
        return row

    def _untyped(self, row: Contract | Campaign | None, values: dict[str, Any]) -> dict[str, Any]:
        """Without what somebody has typed on the settings' page since, and the file says otherwise; a call's
        dates go together."""
        if row is None:
            return values
        by, of_row = self.by.id, (row.__tablename__, row.id)
        begun_by = self.writers.get((*of_row, ""), by)
        begun = {name: begun_by for name in values if getattr(row, name) not in (None, "")}
        typed = {name for name in values if self.writers.get((*of_row, name), begun.get(name, by)) != by}
        typed |= values.keys() & _DATES if typed & _DATES.keys() else set()
        for name in sorted(name for name in typed if values[name] != getattr(row, name)):
            self.tell(f"« {row.label} », {_KEYS[name]} : changé ici depuis, gardé tel quel.")
        return {name: value for name, value in values.items() if name not in typed}

    def _rows(self, model: Any) -> dict[str, Any]:
        """Those of the contract by folded label."""
        return {fold(row.label): row for row in self._every(model)}

    def _every(self, model: Any) -> Iterable[Any]:
        return db.session.scalars(select(model).where(model.contract_id == self.contract.id))

    def _zones(self, part: ContractPart) -> None:
        """In the order of the file. One of no commune yet goes to the commune that names it; of several
        communes, one of none is outside the priority area."""
        zones = {(zone.commune_id, fold(zone.label)): zone for zone in self._every(Zone)}
        communes = {commune.insee: commune for commune in self._every(Commune)}
        refuse_other_codes(part.communes, {insee: commune.label for insee, commune in communes.items()})
        self.communes: dict[str, int] = {}
        listed: list[tuple[int | None, ZonePart]] = []
        for position, each in enumerate(part.communes):
            identity = {**self.owner, "insee": each.insee}
            commune = self._put(communes.get(each.insee), Commune, identity, label=each.label, position=position)
            self.communes[each.insee] = commune.id
            listed += [(commune.id, zone) for zone in each.zones]
        listed += [(None, zone) for zone in part.zones]
        if self.new and fold(OUTSIDE_ZONE) not in (fold(zone.label) for zone in part.zones):
            listed.append((None, ZonePart(OUTSIDE_ZONE, {})))
        for position, (commune_id, zone) in enumerate(listed):
            key = fold(zone.label)
            known = zones.get((commune_id, key)) or zones.pop((None, key), None)
            inside = bool(commune_id or not part.communes) and key != fold(OUTSIDE_ZONE)
            identity = {**self.owner, "label": zone.label}
            terms = zone.terms if known else {"priority": inside, **zone.terms}
            self._put(known, Zone, identity, commune_id=commune_id, position=position, **terms)

    def _themes(self, parts: list[ThemePart]) -> None:
        """The tree of the file; nodes that it does not name come after, under their parents."""
        stored: dict[int | None, list[Theme]] = {}
        for theme in db.session.scalars(
            select(Theme).where(Theme.contract_id == self.contract.id).order_by(Theme.position)
        ):
            stored.setdefault(theme.parent_id, []).append(theme)
        self._position = 0
        self._branch(None, parts, stored)

    def _branch(self, parent_id: int | None, parts: list[ThemePart], stored: dict[int | None, list[Theme]]) -> None:
        siblings = {(theme.depth, fold(theme.label)): theme for theme in stored.get(parent_id, [])}
        for part in parts:
            known = siblings.pop((part.depth, fold(part.label)), None)
            identity = {**self.owner, "parent_id": parent_id, "depth": part.depth}
            theme = self._put(
                known,
                Theme,
                identity,
                label=part.label,
                number=part.number,
                call_kind=part.call_kind,
                position=self._next_position(),
                **_archived(part.archived),
            )
            self._branch(theme.id, part.below, stored)
        for theme in siblings.values():
            self._put(theme, Theme, {}, position=self._next_position())
            self._branch(theme.id, [], stored)

    def _next_position(self) -> int:
        self._position += 1
        return self._position

    def _institutions(self, parts: list[InstitutionPart]) -> dict[str, Funder]:
        """All funders of the contract by code."""
        institutions = self._rows(Institution)
        funders = {
            fold(funder.code): funder
            for funder in db.session.scalars(select(Funder).where(Funder.contract_id == self.contract.id))
        }
        order = 0
        for position, part in enumerate(parts):
            institution = self._put(
                institutions.get(fold(part.label)),
                Institution,
                {**self.owner, "label": part.label},
                position=position,
                **_stands(part),
            )
            for funder in part.funders:
                funders[fold(funder.code)] = self._put(
                    funders.get(fold(funder.code)),
                    Funder,
                    {**self.owner, "code": funder.code},
                    institution_id=institution.id,
                    label=funder.label,
                    position=order,
                    **({"commune_id": self.communes[funder.commune]} if funder.commune else {}),
                    **_archived(funder.archived),
                )
                order += 1
        return funders

    def _campaigns(self, parts: list[CampaignPart], funders: dict[str, Funder]) -> None:
        campaigns = {
            (campaign.year, fold(campaign.label)): campaign
            for campaign in db.session.scalars(select(Campaign).where(Campaign.contract_id == self.contract.id))
        }
        for part in parts:
            dates = {"opens_at": part.opens_at, "closes_at": part.closes_at} if part.opens_at else {}
            known = campaigns.get((part.year, fold(part.label)))
            values = self._untyped(known, {"kind": part.kind, **dates, **part.terms})
            before = {name: getattr(known, name) for name in values} if known else {}
            campaign = self._put(known, Campaign, {**self.owner, "year": part.year, "label": part.label}, **values)
            if known is None:
                self._record(campaign, "create", field="label", new=part.label)
            for name, old in before.items():
                if old != values[name]:
                    self._record(campaign, "update", field=name, old=old, new=values[name])
            for position, code in enumerate(part.funders):
                self._link(campaign, funders[fold(code)], position)
            self.changes += write_parts(campaign, part.parts, by=self.by)

    def _link(self, campaign: Campaign, funder: Funder, position: int) -> None:
        link = db.session.get(CampaignFunder, (campaign.id, funder.id))
        key = {"campaign_id": campaign.id, "funder_id": funder.id}
        self._put(link, CampaignFunder, key, position=position)
        if link is None:
            self._record(campaign, "funders", field="funder", new=funder.code, funder_id=funder.id)

    def _record(self, campaign: Campaign, action: str, **what: Any) -> None:
        """What past programmings are read back from (`queries.past`)."""
        history.record(campaign, action, by=self.by, **what)

    def _bearers(self, part: ContractPart) -> None:
        here = select(Organisation).where(Organisation.home_contract_id == self.contract.id)
        bearers = {row.name_key: row for row in db.session.scalars(here)}
        merged = set(db.session.scalars(select(Merge.gone_id)))
        for bearer in part.bearers:
            known = bearers.get(fold(bearer.name))
            if known and known.id in merged:
                continue  # the one that was kept has a name and nature of its own
            self._put(
                known,
                Organisation,
                {"home_contract_id": self.contract.id},
                name=bearer.name,
                nature=bearer.nature,
                source=bearer.source,
            )


def _writers(contract: Contract | None) -> dict[tuple[str, int, str], int]:
    """Who wrote each field of the contract and of its calls last; under no name, who made it."""
    subjects = (Contract.__tablename__, Campaign.__tablename__)
    of_contract = (HistoryEntry.contract_id == (contract.id if contract else None), HistoryEntry.subject.in_(subjects))
    entries = select(HistoryEntry).where(*of_contract, HistoryEntry.action.in_(("create", "update")))
    ordered = db.session.scalars(entries.order_by(HistoryEntry.id))
    return {(each.subject, each.subject_id, each.field * (each.action == "update")): each.by_id for each in ordered}


def _years(contract: Contract | None, part: ContractPart) -> dict[str, int]:
    """Those of the file, widened to the calls that have been added since."""
    first, last = db.session.execute(
        select(func.min(Campaign.year), func.max(Campaign.year)).where(
            Campaign.contract_id == (contract.id if contract else None)
        )
    ).one()
    return {
        "start_year": min(part.start_year, first or part.start_year),
        "end_year": max(part.end_year, last or part.end_year),
    }


def _archived(archived: bool | None) -> dict[str, bool]:
    """Unsaid, it stays as it is."""
    return {} if archived is None else {"archived": archived}


def _stands(part: InstitutionPart) -> dict[str, bool]:
    """Outside the platform, the coordinator types its columns; unsaid, nothing changes."""
    said = {"outside": part.outside, "delegates": part.outside or part.delegates}
    return {name: value for name, value in said.items() if value is not None}
