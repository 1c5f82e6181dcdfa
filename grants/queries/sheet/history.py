"""The history of a project in words: who did what, when, on whose behalf, from what to what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Integer, case, cast, func
from sqlalchemy.orm import aliased

from grants.database import all_as, select_as
from grants.domain.instruction.follower import FOLLOWER
from grants.french import day, euros
from grants.models import MERGED, Funder, HistoryEntry, Institution, Judgement, Kind, Outcome, State, User
from grants.words import word

MOST = 400  # changes of one project that a page shows, the newest

ACTIONS = {
    "create": "Dossier commencé",
    "save": "Dossier modifié",
    "request": "Demande modifiée",
    "submit": "Déposé",
    "correct": "Corrigé et déposé de nouveau",
    "merge": "Correction déposée",
    "ask_pieces": "Pièces demandées",
    "complete": "Complété",
    "admit": "Déclaré recevable",
    "refuse": "Déclaré irrecevable",
    "reopen": "Rouvert",
    "withdraw": "Retiré",
    "close": "Clos",
    "import": "Repris d'un fichier",
    "open": "Financeur ouvert",
    "propose": "Proposition",
    "accepted": "Accord",
    "rejected": "Refus",
    "deferred": "Report",
    "cancelled": "Annulation",
    "notify": "Notification",
    "confirm": "Confirmation par l'institution",
    "reclassify": "Reclassement",
    "predecessor": "Filiation",
    "opinion": "Avis donné",
    "check": "Contrôle",
    "score": "Analyse",
    "receive": "Saisi par le chef de projet",
    "answer_pieces": "Pièces envoyées par le porteur",
    "agree": "Pris d'une convention",
    "renew": "Reconduit d'un dossier précédent",
    "ask_signature": "Signature demandée",
    "add_document": "Document envoyé",
    "remove_document": "Document retiré",
    "confirm_document": "Document confirmé",
    "follow": "Suivi du dossier",
    "unfollow": "Fin du suivi",
    "note": "Note interne",
    "merge_bearer": "Porteur réuni avec un autre",
    "undo": "Annulation d'une opération",
    "delete": "Financeur refermé",
}
FIELDS = {
    "requested": "demandé",
    "proposed": "proposé",
    "granted": "accordé",
    "outcome": "décision",
    "condition": "condition",
    "reason": "motif",
    "redirected_to": "réorienté vers",
    "raised_reason": "motif du dépassement",
    "typed_from": "source",
    "act_number": "acte",
    "act_date": "date de l'acte",
    "state": "état",
    "theme_id": "classement",
    "campaign_id": "appel",
    "kind": "nature de l'action",
    "year_of": "année",
    "years_total": "sur",
    "predecessor_id": "fait suite à",
    MERGED: "regroupe aussi",
    "document": "document",
    "title": "titre",
    "total_cost": "coût total",
    "beneficiaries": "bénéficiaires",
    "beneficiaries_qpv": "dont QPV",
    "follower": "suivi par",
    "opinion": "avis",
    "check": "contrôle",
    "score": "note",
    "commune_id": "commune",
    "other_communes": "autres communes",
    "zones": "quartiers",
    "other_funding": "autres cofinancements",
    "bearer": "porteur",
}
MONEY = ("requested", "proposed", "granted", "total_cost", "other_funding")
ENUMS = {"outcome": Outcome, "state": State, "kind": Kind, "opinion": Judgement}


@dataclass(frozen=True)
class FieldChange:
    field: str
    old: str
    new: str


@dataclass(frozen=True)
class HistoryEvent:
    """What one person did in one go; `changes` are the values that it changed."""

    at: datetime
    by: str
    on_behalf_of: str
    action: str
    funder: str
    reason: str
    changes: list[FieldChange] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """A page of the dossier saved, without what it changed."""
        return self.action == ACTIONS["save"] and not self.changes and not self.reason


@dataclass(frozen=True)
class History:
    """The newest first. `latest`: of how many changes, where there are more; else nothing."""

    events: list[HistoryEvent]
    latest: int | None


class _Entry(NamedTuple):
    at: datetime
    by: str
    on_behalf_of: str | None
    action: str
    subject_id: int
    funder: str | None
    field: str
    old: str
    new: str
    reason: str
    person: str | None


# Whom an entry is about, where it is about somebody.
_Person = aliased(User)
_PERSON_ID = cast(
    case((HistoryEntry.field == FOLLOWER, func.coalesce(func.nullif(HistoryEntry.new, ""), HistoryEntry.old))), Integer
)


def history_of(project_id: int, names: dict[str, dict[int, str]]) -> History:
    """One query. `names`: words for the ids in some fields (`theme_id`)."""
    others = {"by": User.name, "on_behalf_of": Institution.label, "funder": Funder.code, "person": _Person.name}
    entries = all_as(
        _Entry,
        select_as(_Entry, HistoryEntry, **others)
        .join(User, User.id == HistoryEntry.by_id)
        .outerjoin(Institution, Institution.id == HistoryEntry.on_behalf_of_id)
        .outerjoin(Funder, Funder.id == HistoryEntry.funder_id)
        .outerjoin(_Person, _Person.id == _PERSON_ID)
        .where(HistoryEntry.project_id == project_id)
        .order_by(HistoryEntry.id.desc())
        .limit(MOST + 1),
    )
    groups = groupby(entries[:MOST], _same_deed())
    events = [_event(list(group), names) for _, group in groups]
    return History(events, MOST if len(entries) > MOST else None)


def _same_deed() -> Callable[[_Entry], int]:
    """A key that stays while entries follow each other within a second."""
    firsts: list[_Entry] = []

    def key(entry: _Entry) -> int:
        if not firsts or entry[1:6] != firsts[-1][1:6] or firsts[-1].at - entry.at > timedelta(seconds=1):
            firsts.append(entry)
        return len(firsts)

    return key


def _event(group: list[_Entry], names: dict[str, dict[int, str]]) -> HistoryEvent:
    newest = group[0]
    changes = [
        FieldChange(FIELDS[row.field], _words(row, row.old, names), _words(row, row.new, names))
        for row in reversed(group)
        if row.field in FIELDS
    ]
    return HistoryEvent(
        newest.at,
        newest.by,
        newest.on_behalf_of or "",
        ACTIONS.get(newest.action, newest.action),
        newest.funder or "",
        next((r.reason for r in group if r.reason), ""),
        changes,
    )


def _words(entry: _Entry, value: str, names: dict[str, dict[int, str]]) -> str:
    field = entry.field
    if not value:
        return "–"
    if field == FOLLOWER:
        return entry.person or f"n° {value}"
    if field in MONEY:
        return euros(Decimal(value))
    if field in ENUMS:
        return word(ENUMS[field](value))
    if field == "act_date":
        return day(datetime.fromisoformat(value).date())
    if field == MERGED:
        known = names.get("predecessor_id", {})
        return ", ".join(known.get(int(one), f"n° {one}") for one in value.split())
    if field in names:
        return names[field].get(int(value), f"n° {value}")
    return value
