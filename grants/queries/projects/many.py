"""What an action on many projects would do, seen before it is done: those that it applies to, and
the others with the reason why not. The rules themselves are the domain's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import aliased

from grants.database import all_as, select_as
from grants.domain.decisions import rules
from grants.domain.decisions.refusals import Code, Refusal, refusal
from grants.domain.decisions.rules import Decision, Facts, Notice
from grants.domain.instruction import many
from grants.models import WAITING, Campaign, FundingLine, Organisation, Outcome, Project, State, project_followers
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


OF_FUNDER = (Action.ACCEPT, Action.REJECT, Action.DEFER, Action.PROPOSE, Action.NOTIFY, Action.CONFIRM)
OUTCOMES = {
    Action.ACCEPT: Outcome.ACCEPTED,
    Action.REJECT: Outcome.REJECTED,
    Action.DEFER: Outcome.DEFERRED,
    Action.PROPOSE: None,
}
OF_PERSON = (Action.FOLLOW, Action.UNFOLLOW)


@dataclass(frozen=True, kw_only=True)
class ProjectCandidate(Facts):
    """A project, with its line of the chosen funder if there is one. `follows`: the chosen
    person."""

    id: int
    reference: str
    title: str
    bearer: str
    version: int
    campaign_id: int
    line_version: int | None
    condition: str | None
    follows: bool


@dataclass(frozen=True)
class WrittenColumn:
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
) -> list[ProjectCandidate]:
    """All that is filtered, or of it those of `ids`; one query. One more than `most` at most."""
    line = and_(FundingLine.project_id == Project.id, FundingLine.funder_id == (funder_id or 0))
    follows = exists().where(
        project_followers.c.project_id == Project.id, project_followers.c.user_id == (person_id or 0)
    )
    other = aliased(FundingLine)
    beside = select(func.sum(other.granted)).where(other.project_id == Project.id, other.funder_id != (funder_id or 0))
    among = [] if ids is None else [Project.id.in_(ids)]
    some = _chosen([*conditions(contract_id, year, filters), *among], order(filters), most).subquery()
    return all_as(
        ProjectCandidate,
        select_as(
            ProjectCandidate,
            Project,
            FundingLine,
            bearer=Organisation.name,
            validated=Campaign.validated_at,
            beside=beside.scalar_subquery(),
            line_version=FundingLine.version,
            raised=FundingLine.raised_reason,
            follows=follows,
        )
        .join(some, some.c.id == Project.id)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .join(Campaign, Campaign.id == Project.campaign_id)
        .outerjoin(FundingLine, line)
        .order_by(some.c.n),
    )


def _chosen(where: list[ColumnElement[bool]], keys: Sequence[Any], most: int) -> Select[int, int]:
    """Ids in the order of the keys, numbered as `n`."""
    return (
        select(Project.id, func.row_number().over(order_by=keys).label("n"))
        .join(Organisation, Organisation.id == Project.organisation_id)
        .where(*where)
        .order_by(*keys)
        .limit(most + 1)
    )


def why_not(action: Action, one: ProjectCandidate, *, first: bool = False) -> str | None:
    """Why the action leaves this project out, in words; nothing where it applies. `first`: what was
    typed for the institution must be confirmed before."""
    if action in OF_PERSON:
        return _why_not_person(action, one)
    if action in (Action.ASK_PIECES, Action.ADMIT):
        return None if one.state is State.SUBMITTED else f"état du dossier : {word(one.state)}"
    if one.outcome is None:
        return refusal(Code.NOT_ASKED).brief
    for why in _refusals(action, one, first):
        if why.code.field not in many.TYPED:
            return why.brief
    return _why_not_again(action, one)


def _why_not_person(action: Action, one: ProjectCandidate) -> str | None:
    if one.follows is (action is Action.FOLLOW):
        return "déjà suivi" if one.follows else "pas suivi par cette personne"
    return None


def _refusals(action: Action, one: ProjectCandidate, first: bool) -> Iterator[Refusal]:
    """What would be refused. Nothing that is decided is decided anew for many."""
    if action is Action.CONFIRM:
        yield from rules.not_confirmed(one)
        return
    if action is Action.NOTIFY:
        yield from rules.not_notified(one, Notice("", None), first=first)
    else:
        yield from rules.closed(one)
        yield from rules.decided(one)
        yield from rules.refusals(one, Decision(OUTCOMES[action], money(action, one)))


def _why_not_again(action: Action, one: ProjectCandidate) -> str | None:
    """Allowed, but nothing to do."""
    if action is Action.NOTIFY and one.notified_at:
        return "déjà notifié"
    if action is Action.PROPOSE:
        if one.requested is None:
            return "rien n'est demandé à ce financeur"
        if one.proposed == one.requested:
            return "le montant demandé est déjà proposé"
        if one.proposed is not None:
            return "un autre montant est déjà proposé"
    return None


def money(action: Action, one: ProjectCandidate) -> Decimal | None:
    """Euros that the action would propose or grant, or that it is about."""
    if action is Action.ACCEPT:
        return one.proposed
    if action is Action.PROPOSE:
        return one.requested
    if action is Action.CONFIRM and one.outcome in WAITING:
        return one.proposed
    return one.granted if action in (Action.NOTIFY, Action.CONFIRM) else None
