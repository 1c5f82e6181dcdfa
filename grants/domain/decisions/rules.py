"""What a decision must satisfy (rules 3 to 7), asked of values alone: each function gives the
refusals, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from grants.domain.decisions.refusals import Code, Refusal, refusal
from grants.french import euros
from grants.models import DECIDABLE, NOT_COUNTING, WAITING, Outcome, State
from grants.words import word


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rules know of a line; amounts in euros. `outcome`: nothing where no line is open.
    `raised`: why more than asked may be granted. `beside`: what other funders grant to its
    project. `validated`: whether (or when) the programming of its call was."""

    state: State
    validated: datetime | bool | None = None
    total_cost: Decimal | None = None
    beside: Decimal | None = None
    requested: Decimal | None = None
    proposed: Decimal | None = None
    granted: Decimal | None = None
    outcome: Outcome | None = Outcome.PENDING
    raised: str | None = ""
    typed_from: str | None = ""
    confirmed_at: datetime | None = None
    notified_at: datetime | None = None

    @property
    def waits(self) -> bool:
        return self.outcome is None or self.outcome in WAITING

    @property
    def unconfirmed(self) -> bool:
        return bool(self.typed_from) and not self.confirmed_at


@dataclass(frozen=True)
class Decision:
    """What a funder says. `outcome`: nothing where an amount (or none) is proposed. `amount`: euros
    proposed or granted. `condition`: nothing where it is not asked: the former one stands.
    `raised_reason`: why more than asked. `revision_reason`: why what was decided (or validated)
    changes. `typed_from`: the source, when the coordinator types on behalf of the institution."""

    outcome: Outcome | None
    amount: Decimal | None = None
    reason: str = ""
    condition: str | None = None
    redirected_to: str = ""
    raised_reason: str = ""
    revision_reason: str = ""
    typed_from: str = ""

    @property
    def opens(self) -> bool:
        """It opens a line, without an amount."""
        return self.outcome is None and self.amount is None

    @property
    def why(self) -> str:
        """Give the reason that goes to history."""
        if self.outcome is Outcome.CANCELLED:
            return self.reason.strip()
        return self.revision_reason.strip() or self.reason.strip()


@dataclass(frozen=True)
class Notice:
    """The act by which the applicant is told. `typed_from`: its source, for an institution that
    decided here itself."""

    act_number: str
    act_date: date | None
    typed_from: str = ""


def decidable(state: State) -> bool:
    """May anything be proposed or decided on a project in this state?"""
    return state in DECIDABLE


def beyond_request(requested: Decimal | None, amount: Decimal | None) -> bool:
    return (amount or 0) > (requested or 0)


def beyond_cost(cost: Decimal | None, amount: Decimal) -> bool:
    """Say whether `amount` (euros) is more than the total cost; that itself may be granted."""
    return cost is not None and amount > cost


def raised(facts: Facts, decision: Decision) -> str:
    """Why more than was asked. What a proposal says holds for the grant that follows; the reason
    of an earlier decision does not cover a new one."""
    asked = facts.requested is not None and not beyond_request(facts.requested, decision.amount)
    if decision.outcome is None and asked:
        return ""
    return decision.raised_reason.strip() or ((facts.raised or "") if facts.waits else "")


def closed(facts: Facts) -> Iterator[Refusal]:
    if not decidable(facts.state):
        yield refusal(Code.CLOSED, state=word(facts.state))


def refusals(facts: Facts, decision: Decision, behalf: str = "") -> Iterator[Refusal]:
    """`behalf`: the institution, where one writes for it without being of it."""
    yield from closed(facts)
    if facts.outcome is None and not decision.raised_reason.strip():
        yield refusal(Code.OPENING)
    if facts.outcome is None and decision.opens:
        return
    yield from _proposal(facts, decision) if decision.outcome is None else _decision(facts, decision)
    yield from _source(decision.typed_from, behalf)


def _source(typed_from: str, behalf: str) -> Iterator[Refusal]:
    if behalf and not typed_from.strip():
        yield refusal(Code.SOURCE, institution=behalf)


def decided(facts: Facts) -> Iterator[Refusal]:
    if not facts.waits and facts.outcome is not None:
        yield refusal(Code.DECIDED, outcome=word(facts.outcome))


def _proposal(facts: Facts, decision: Decision) -> Iterator[Refusal]:
    yield from decided(facts)
    amount = decision.amount or Decimal(0)
    if amount < 0:
        yield refusal(Code.NEGATIVE)
    if beyond_cost(facts.total_cost, amount):
        yield refusal(Code.PROPOSED_BEYOND_COST, cost=euros(facts.total_cost))
    if beyond_request(facts.requested, amount) and not raised(facts, decision):
        yield refusal(Code.PROPOSED_BEYOND_REQUEST, requested=euros(facts.requested))
    if facts.validated and not decision.revision_reason.strip():
        yield refusal(Code.VALIDATED)


def _decision(facts: Facts, decision: Decision) -> Iterator[Refusal]:
    cancels = decision.outcome is Outcome.CANCELLED
    if decision.outcome is Outcome.PENDING:
        yield refusal(Code.NO_OUTCOME)
    if cancels and facts.outcome is not Outcome.ACCEPTED:
        yield refusal(Code.NOT_GRANTED)
    if (cancels or decision.outcome is Outcome.REJECTED) and not decision.reason.strip():
        yield refusal(Code.REASON)
    changes = not facts.waits or facts.validated
    if changes and not cancels and not decision.revision_reason.strip():
        yield refusal(Code.REVISION)
    if decision.outcome is Outcome.ACCEPTED:
        if decision.amount is None or decision.amount <= 0:
            yield refusal(Code.NO_AMOUNT)
        else:
            yield from grants_too_much(facts, decision.amount, raised(facts, decision))


def grants_too_much(facts: Facts, amount: Decimal, why: str) -> Iterator[Refusal]:
    """`why`: more than was asked, where there is a reason."""
    beside = facts.beside or Decimal(0)
    if beyond_request(facts.requested, amount) and not why:
        yield refusal(Code.BEYOND_REQUEST, requested=euros(facts.requested), amount=euros(amount))
    if beyond_cost(facts.total_cost, beside + amount):
        yield refusal(Code.BEYOND_COST, cost=euros(facts.total_cost), beside=euros(beside))


def no_room(needed: Decimal, left: Decimal | None, *, raises: bool) -> Iterator[Refusal]:
    """What an envelope says of `needed` euros where `left` are (nothing: there is no envelope);
    what lowers grants is never refused. `raises`: any line takes more than it had."""
    if left is None:
        yield refusal(Code.NO_ENVELOPE)
    elif raises and needed > left:
        lacking = -left if left < 0 else needed - left
        yield refusal(
            Code.DEFICIT if left < 0 else Code.BEYOND_ENVELOPE,
            left=euros(left),
            needed=euros(needed),
            lacking=euros(lacking),
        )


def not_notified(facts: Facts, notice: Notice, behalf: str = "", *, first: bool = False) -> Iterator[Refusal]:
    """`first`: what was typed for the institution must be confirmed before."""
    if facts.state in NOT_COUNTING:
        yield refusal(Code.NOT_COUNTING, state=word(facts.state))
    if facts.waits:
        yield refusal(Code.UNDECIDED)
    if first and facts.unconfirmed:
        yield refusal(Code.UNCONFIRMED)
    if not notice.act_number.strip():
        yield refusal(Code.ACT_NUMBER)
    if notice.act_date is None:
        yield refusal(Code.ACT_DATE)
    yield from _source(notice.typed_from or facts.typed_from or "", behalf)


def not_confirmed(facts: Facts) -> Iterator[Refusal]:
    if not facts.unconfirmed:
        yield refusal(Code.CONFIRMED)
