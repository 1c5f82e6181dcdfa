"""What may be done with many projects at once, and with which of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal

from grants.database import db
from grants.domain.decisions.notify import confirms_first
from grants.domain.instruction.many import MOST
from grants.french import counted
from grants.models import Funder, Role
from grants.permissions import is_coordinator, own_communes
from grants.queries.project_filters import DecisionFilter, Filters
from grants.queries.projects.choices import Choices
from grants.queries.projects.many import (
    OF_FUNDER,
    OF_PERSON,
    Action,
    ProjectCandidate,
    WrittenColumn,
    candidates,
    money,
    why_not,
)
from grants.web.access import me
from grants.web.instruction.loading import ContractYear

OptionGroups = list[tuple[str, list[tuple[str, str]]]]


@dataclass(frozen=True)
class DeedWords:
    """`offered`: in the list's choice; `title`: of the page before it is done; `done`: after,
    with `s` in the plural."""

    offered: str
    title: str
    press: str
    done: str


DEEDS = {
    Action.ACCEPT: DeedWords(
        "Accorder le montant proposé", "Accorder les montants proposés : {who}", "Accorder", "accordé{s} par {who}"
    ),
    Action.REJECT: DeedWords("Refuser", "Refuser : {who}", "Refuser", "refusé{s} par {who}"),
    Action.DEFER: DeedWords("Reporter à plus tard", "Reporter à plus tard : {who}", "Reporter", "reporté{s} par {who}"),
    Action.PROPOSE: DeedWords(
        "Proposer le montant demandé",
        "Proposer les montants demandés : {who}",
        "Proposer",
        "montant demandé proposé par {who}",
    ),
    Action.NOTIFY: DeedWords(
        "Notifier les décisions",
        "Notifier les décisions : {who}",
        "Notifier",
        "décision de {who} notifiée, les porteurs la voient",
    ),
    Action.CONFIRM: DeedWords(
        "Confirmer les montants saisis pour nous",
        "Confirmer les montants saisis pour nous : {who}",
        "Confirmer",
        "montant{s} confirmé{s} pour {who}",
    ),
    Action.ASK_PIECES: DeedWords(
        "Demander des pièces", "Demander des pièces", "Demander", "pièces demandées, les porteurs sont prévenus"
    ),
    Action.ADMIT: DeedWords(
        "Déclarer recevables", "Déclarer recevables", "Déclarer recevables", "déclaré{s} recevable{s}"
    ),
    Action.FOLLOW: DeedWords("Confier à", "Confier à {who}", "Confier", "confié{s} à {who}"),
    Action.UNFOLLOW: DeedWords("Ne plus confier à", "Ne plus confier à {who}", "Retirer", "plus suivi{s} par {who}"),
}


@dataclass(frozen=True)
class Chosen:
    """`name`: of the funder or the person that it is about."""

    action: Action
    name: str = ""
    funder_id: int | None = None
    own: bool = True
    person_id: int | None = None

    @property
    def kind(self) -> str:
        """Of its operation."""
        return self.action.name.lower()


@dataclass
class Batch:
    """`ticked`: of those that it applies to, with which it would be done; `total`: their euros.
    `left_out`: by reason. `missing`: ticked, but in the list no more. `too_many`: nothing is done
    with so many at once."""

    applies: list[ProjectCandidate] = field(default_factory=list)
    ticked: list[ProjectCandidate] = field(default_factory=list)
    left_out: dict[str, list[ProjectCandidate]] = field(default_factory=lambda: defaultdict(list))
    missing: int = 0
    too_many: bool = False
    total: Decimal | None = None


def offered_actions(place: ContractYear, offered: Choices) -> OptionGroups:
    """The choice of the list, in groups; the values are read by `chosen`."""
    groups: OptionGroups = []
    if is_coordinator(me(), place.contract) or own_communes(me(), place.contract):
        both = (Action.ADMIT, Action.ASK_PIECES)
        groups.append(("Recevabilité", [(a.value, DEEDS[a].offered) for a in both]))
    for column in _columns(place, offered):
        actions = [a for a in OF_FUNDER if column.own or a is not Action.CONFIRM]
        groups.append((column.label, [(f"{a.value}-{column.id}", DEEDS[a].offered) for a in actions]))
    for action in OF_PERSON:
        options = [(f"{action.value}-{id}", name) for id, name in offered.people.items()]
        groups.append((DEEDS[action].offered, options))
    return groups


def chosen(place: ContractYear, typed: str, offered: Choices) -> Chosen | None:
    """Nothing for what is not offered to this person."""
    name, _, number = typed.partition("-")
    if typed not in {value for _, options in offered_actions(place, offered) for value, _ in options}:
        return None
    action = Action(name)
    if action in OF_PERSON:
        return Chosen(action, offered.people[int(number)], person_id=int(number))
    if action not in OF_FUNDER:
        return Chosen(action)
    column = next(c for c in _columns(place, offered) if c.id == int(number))
    return Chosen(action, column.label, column.id, column.own)


def shortcut(filters: Filters, count: int, options: OptionGroups) -> tuple[str, str] | None:
    """For who looks at what waits in a column of theirs: (the action on all of it, its words)."""
    actions = {
        DecisionFilter.TO_CONFIRM: (Action.CONFIRM, "Confirmer", ("montant", "saisi"), " pour nous"),
        DecisionFilter.TO_NOTIFY: (Action.NOTIFY, "Notifier", ("décision",), ""),
    }
    if filters.wanted not in actions or not count:
        return None
    action, verb, words, rest = actions[filters.wanted]
    value = f"{action.value}-{filters.funder_id}"
    if value not in {v for _, found in options for v, _ in found}:
        return None
    return value, f"{verb} {counted(count, *words)}{rest}"


def _columns(place: ContractYear, offered: Choices) -> list[WrittenColumn]:
    """The funders of the year's calls that are of one's own institutions, or delegate."""
    own = {g.institution_id for g in me().roles if g.role is Role.INSTRUCTOR and g.institution_id}
    delegated = is_coordinator(me(), place.contract)
    return [
        WrittenColumn(id, offered.funders[id], institution_id in own)
        for id, (institution_id, delegates) in offered.institutions.items()
        if institution_id in own or (delegated and delegates)
    ]


def gathered(
    place: ContractYear, what: Chosen, filters: Filters, ids: Collection[int] | None, ticked: Collection[int] | None
) -> Batch:
    """`ids`: ticked in the list, or all that is filtered; `ticked`: of them, those still ticked on
    the page before it is done, or all."""
    projects = candidates(
        place.contract.id, place.year, filters, ids=ids, funder_id=what.funder_id, person_id=what.person_id, most=MOST
    )
    batch = Batch(too_many=len(projects) > MOST)
    first = (
        what.action is Action.NOTIFY
        and not what.own
        and confirms_first(db.session.get_one(Funder, what.funder_id), me())
    )
    for one in projects:
        why = why_not(what.action, one, first=first)
        (batch.left_out[why] if why else batch.applies).append(one)
    batch.missing = len(set(ids or ()) - {one.id for one in projects})
    batch.ticked = [one for one in batch.applies if ticked is None or one.id in ticked]
    amounts = [money(what.action, one) for one in batch.ticked]
    if any(amounts):
        batch.total = sum((amount or Decimal(0) for amount in amounts), Decimal(0))
    return batch
