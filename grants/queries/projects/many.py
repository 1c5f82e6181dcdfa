"""What an action on many projects would do, seen before it is done: those that it applies to, and
the others with the reason why not. The rules themselves are the domain's."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from grants.database import db
from grants.models import (
    WAITING,
    Campaign,
    CampaignFunder,
    Funder,
    FundingLine,
    Institution,
    Organisation,
    Outcome,
    Project,
    State,
    project_followers,
)
from grants.queries.project_filters import Filters, conditions, order
from grants.words import word


class Action(StrEnum):
    """As they stand in an address."""

    ACCEPT = "accorder"
    REJECT = "refuser"
    DEFER = "reporter"
    PROPOSE = "proposer"
    NOTIFY = "notifier"
    CONFIRM = "confirmer"
    ASK_PIECES = "pieces"
    ADMIT = "recevables"
    FOLLOW = "confier"
    UNFOLLOW = "reprendre"


OF_FUNDER = (
    Action.ACCEPT, Action.REJECT, Action.DEFER, Action.PROPOSE, Action.NOTIFY, Action.CONFIRM,
)  # fmt: skip
OF_PERSON = (Action.FOLLOW, Action.UNFOLLOW)


@dataclass(frozen=True)
class Candidate:
    """A project, and its line of the chosen funder if there is one; euros. `validated`: changes
    need a reason. `beside`: what other funders grant. `follows`: the chosen person."""

    id: int
    reference: str
    title: str
    bearer: str
    state: State
    version: int
    campaign_id: int
    validated: datetime | None
    total_cost: Decimal | None
    beside: Decimal | None
    line_version: int | None
    requested: Decimal | None
    proposed: Decimal | None
    granted: Decimal | None
    outcome: Outcome | None
    raised: str | None
    typed_from: str | None
    confirmed_at: datetime | None
    notified_at: datetime | None
    follows: bool


@dataclass(frozen=True)
class Column:
    """A funder that one writes for. `own`: as its instructor, else by delegation."""

    id: int
    label: str
    own: bool


def candidates(
    contract_id: int,
    year: int,
    filters: Filters,
    *,
    ids: Collection[int] | None,
    funder_id: int | None,
    person_id: int | None,
    most: int,
) -> list[Candidate]:
    """All that is filtered, or of it those of `ids`; one query. One more than `most` at most."""
    line = and_(FundingLine.project_id == Project.id, FundingLine.funder_id == (funder_id or 0))
    follows = exists().where(
        project_followers.c.project_id == Project.id,
        project_followers.c.user_id == (person_id or 0),
    )
    other = aliased(FundingLine)
    beside = select(func.sum(other.granted)).where(
        other.project_id == Project.id, other.funder_id != (funder_id or 0)
    )
    keys = order(filters)
    chosen = (
        select(Project.id, func.row_number().over(order_by=keys).label("n"))
        .join(Organisation, Organisation.id == Project.organisation_id)
        .where(*conditions(contract_id, year, filters))
        .order_by(*keys)
        .limit(most + 1)
    )
    if ids is not None:
        chosen = chosen.where(Project.id.in_(ids))
    some = chosen.subquery()
    statement: Select[*tuple[Any, ...]] = (
        select(
            Project.id, Project.reference, Project.title, Organisation.name, Project.state,
            Project.version, Project.campaign_id, Campaign.validated_at, Project.total_cost,
            beside.scalar_subquery(), FundingLine.version, FundingLine.requested,
            FundingLine.proposed, FundingLine.granted, FundingLine.outcome,
            FundingLine.raised_reason, FundingLine.typed_from, FundingLine.confirmed_at,
            FundingLine.notified_at, follows,
        )
        .join(some, some.c.id == Project.id)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .join(Campaign, Campaign.id == Project.campaign_id)
        .outerjoin(FundingLine, line)
        .order_by(some.c.n)
    )  # fmt: skip
    return [Candidate(*record) for record in db.session.execute(statement)]


def columns(contract_id: int, year: int, own: set[int], *, delegated: bool) -> list[Column]:
    """The funders of the year's calls that belong to the institutions `own`, or delegate."""
    mine = Institution.id.in_(own)
    here = select(CampaignFunder.funder_id).join(Campaign).where(
        Campaign.contract_id == contract_id, Campaign.year == year
    )  # fmt: skip
    records = db.session.execute(
        select(Funder.id, Funder.label, mine)
        .join(Funder.institution)
        .where(
            Funder.id.in_(here), or_(mine, Institution.delegates if delegated else false())
        )
        .order_by(Institution.position, Funder.position)
    )
    return [Column(*record) for record in records]


def why_not(action: Action, one: Candidate) -> str | None:
    """Why the action leaves this project out, in words; nothing where it applies."""
    if action in OF_PERSON:
        return _why_not_person(action, one)
    if action in (Action.ASK_PIECES, Action.ADMIT):
        return None if one.state is State.SUBMITTED else f"état du dossier : {word(one.state)}"
    if one.outcome is None:
        return "ce financeur n'est pas sollicité"
    if action is Action.CONFIRM:
        return None if one.typed_from and not one.confirmed_at else "rien à confirmer"
    if one.state is not State.ADMISSIBLE:
        return f"état du dossier : {word(one.state)}"
    if action is Action.NOTIFY:
        return _why_not_notify(one)
    if one.outcome not in WAITING:
        return f"la décision est déjà prise ({word(one.outcome)})"
    return _why_not_amount(action, one)


def _why_not_person(action: Action, one: Candidate) -> str | None:
    if one.follows is (action is Action.FOLLOW):
        return "déjà suivi" if one.follows else "pas suivi par cette personne"
    return None


def _why_not_notify(one: Candidate) -> str | None:
    if one.outcome in WAITING:
        return "rien n'est décidé"
    return "déjà notifié" if one.notified_at else None


def _why_not_amount(action: Action, one: Candidate) -> str | None:
    if action is Action.ACCEPT:
        if not one.proposed:
            return "rien n'est proposé"
        if not one.raised and one.proposed > (one.requested or 0):
            return "il est proposé plus que demandé : à décider sur sa fiche, avec un motif"
        if one.total_cost is not None and (one.beside or 0) + one.proposed > one.total_cost:
            return "avec ce que d'autres accordent, le coût total de l'action serait dépassé"
    if action is Action.PROPOSE:
        if one.requested is None:
            return "rien n'est demandé à ce financeur"
        if one.proposed == one.requested:
            return "le montant demandé est déjà proposé"
        if one.proposed is not None:
            return "un autre montant est déjà proposé"
        if one.total_cost is not None and one.requested > one.total_cost:
            return "le montant demandé dépasse le coût total de l'action"
    return None


def money(action: Action, one: Candidate) -> Decimal | None:
    """Euros that the action would propose or grant, or that it is about."""
    if action is Action.ACCEPT:
        return one.proposed
    if action is Action.PROPOSE:
        return one.requested
    if action is Action.CONFIRM and one.outcome in WAITING:
        return one.proposed
    return one.granted if action in (Action.NOTIFY, Action.CONFIRM) else None
