"""The named versions of a year's calls, and the moments at which its programming may be read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from grants.database import all_as, db, select_as
from grants.french import PARIS, day, instant
from grants.models import Campaign, Contract, HistoryEntry, ProgrammingVersion, User, now
from grants.queries.programming.past import CAMPAIGNS, PRESENT, Past, last_entry, since

NOW = "maintenant"
_VERSION = re.compile(r"v(\d{1,9})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True)
class Lifted:
    """The committee's validation was taken back."""

    at: datetime
    by: str
    reason: str


Turn = tuple[int, int, Lifted | None]  # entry, call, and how its validation was taken back if it was


@dataclass(frozen=True)
class Version:
    """`lifted`: of a programming that was validated, and is so no more or was validated again."""

    id: int
    campaign_id: int
    campaign: str
    label: str
    note: str
    history_id: int
    at: datetime
    by: str
    lifted: Lifted | None = None

    @property
    def key(self) -> str:
        return f"v{self.id}"


@dataclass(frozen=True)
class Moment:
    """A version, the end of a past day, or the present (`history_id` is `None`). `key`: in
    addresses; `title`: what tables and sheets made of it say of themselves."""

    key: str
    label: str
    title: str
    history_id: int | None
    at: datetime
    lifted: Lifted | None = None

    @property
    def order(self) -> tuple[bool, int]:
        return self.history_id is None, self.history_id or 0


def versions(contract_id: int, year: int) -> list[Version]:
    """The latest first."""
    frozen = all_as(
        Version,
        select_as(Version, ProgrammingVersion, campaign=Campaign.label, by=User.name)
        .join(Campaign, Campaign.id == ProgrammingVersion.campaign_id)
        .join(User, User.id == ProgrammingVersion.by_id)
        .where(Campaign.contract_id == contract_id, Campaign.year == year)
        .order_by(ProgrammingVersion.id.desc()),
    )
    turns = _validations(contract_id, year)
    return [replace(each, lifted=_lifted(turns, each.campaign_id, each.history_id)) for each in frozen]


def _validations(contract_id: int, year: int) -> list[Turn]:
    """Each time that a call of the year was validated, or its validation lifted, in order."""
    calls = select(Campaign.id).where(Campaign.contract_id == contract_id, Campaign.year == year)
    records = db.session.execute(
        select(
            HistoryEntry.id, HistoryEntry.subject_id, HistoryEntry.new, HistoryEntry.at, User.name, HistoryEntry.reason
        )
        .join(User, User.id == HistoryEntry.by_id)
        .where(
            HistoryEntry.subject == CAMPAIGNS, HistoryEntry.subject_id.in_(calls), HistoryEntry.field == "validated_at"
        )
        .order_by(HistoryEntry.id)
    )
    return [(id, call, None if new else Lifted(at, by, why)) for id, call, new, at, by, why in records]


def _lifted(turns: list[Turn], campaign_id: int, history_id: int) -> Lifted | None:
    """It was validated then if the next turn after that entry is a lifting."""
    return next((lifted for id, call, lifted in turns if call == campaign_id and id > history_id), None)


@dataclass(frozen=True)
class VersionedCampaign:
    """A call of the year; `dated`: as of `queries.programming`; `versions`: its own, the latest
    first."""

    id: int
    label: str
    validated_at: datetime | None
    dated: bool
    versions: tuple[Version, ...]


def campaigns(contract_id: int, year: int, known: list[Version]) -> list[VersionedCampaign]:
    """`known`: the versions of all of them."""
    found = db.session.execute(
        select(Campaign.id, Campaign.label, Campaign.validated_at, Campaign.opened_at.is_not(None))
        .where(Campaign.contract_id == contract_id, Campaign.year == year)
        .order_by(Campaign.label)
    )
    return [
        VersionedCampaign(id, label, at, dated, tuple(version for version in known if version.campaign_id == id))
        for id, label, at, dated in found
    ]


def of_version(version: Version) -> Moment:
    back = f", validation levée le {day(version.lifted.at)}" if version.lifted else ""
    return Moment(
        version.key,
        f"{version.label}, figée le {day(version.at)}",
        f"Version « {version.label} » ({version.campaign}), figée le {instant(version.at)}{back}",
        version.history_id,
        version.at,
        version.lifted,
    )


def present() -> Moment:
    return Moment(NOW, "Aujourd'hui", "", None, now())


def moment(contract: Contract, known: list[Version], key: str) -> Moment | None:
    """`key`: `v12` (of the `known` versions), a day (`2026-03-12`: at its end, in Paris), or
    `maintenant`. Nothing for what is none of these, for a day to come, nor for one before the
    contract's first."""
    if key == NOW:
        return present()
    if version := _VERSION.fullmatch(key):
        found = (of_version(each) for each in known if each.id == int(version[1]))
        return next(found, None)
    try:
        on = date.fromisoformat(key) if _DAY.fullmatch(key) else None
    except ValueError:
        return None
    today = now().astimezone(PARIS).date()
    if on is None or on > today:
        return None
    end = datetime.combine(on + timedelta(days=1), time(0), PARIS)
    last = last_entry(contract.id, end)
    if not last and on < today:
        return None
    return Moment(key, f"Le {day(on)} au soir", f"Programmation au soir du {day(on)}", last, end)


def past_at(contract: Contract, at: Moment) -> Past:
    return PRESENT if at.history_id is None else since(contract.id, at.history_id)
