"""Decisions of funders on projects: the allocation of money (rules 3 to 7).

Every function locks the project first, the envelope last (docs/decisions/database.md): in one
order, two people who decide at the same instant wait for each other instead of overrunning it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select

from grants.database import db
from grants.domain import history
from grants.domain.envelope import check_room
from grants.domain.funding_line import behalf, deciding, find, line_of, write
from grants.errors import DomainError
from grants.french import euros
from grants.models import (
    WAITING,
    CampaignFunder,
    Funder,
    FundingLine,
    Outcome,
    Project,
    User,
    now,
)


@dataclass(frozen=True)
class Decision:
    """What a funder says. `granted`: euros, for `ACCEPTED` only. `raised_reason`: why more than
    asked. `revision_reason`: why a decision already taken changes. `typed_from`: the source,
    when the coordinator types on behalf of the institution."""

    outcome: Outcome
    granted: Decimal | None = None
    reason: str = ""
    condition: str = ""
    redirected_to: str = ""
    raised_reason: str = ""
    revision_reason: str = ""
    typed_from: str = ""


def open_line(project: Project, funder: Funder, reason: str, *, by: User) -> FundingLine:
    """A funder takes up a project that did not ask it (an action moved from one funder to
    another); raises `DomainError` without a reason, or when it takes no part in the call."""
    project = deciding(project, funder, by)
    if not reason.strip():
        raise DomainError("Indiquez pourquoi ce financeur est ouvert.", "reason")
    if db.session.get(CampaignFunder, (project.campaign_id, funder.id)) is None:
        raise DomainError("Ce financeur ne participe pas à cet appel.", "funder")
    if find(project, funder) is not None:
        raise DomainError("Ce financeur est déjà ouvert pour ce dossier.", "funder")
    line = FundingLine(
        project=project, campaign_id=project.campaign_id, funder=funder,
        raised_reason=reason.strip(),
    )  # fmt: skip
    db.session.add(line)
    db.session.flush()
    history.record(
        line, "open", by=by, field="raised_reason", new=line.raised_reason,
        reason=line.raised_reason, **behalf(funder, by),
    )  # fmt: skip
    return line


def propose(
    project: Project,
    funder: Funder,
    amount: Decimal | None,
    *,
    by: User,
    version: int | None = None,
    typed_from: str = "",
    revision_reason: str = "",
    raised_reason: str = "",
) -> FundingLine:
    """Propose an amount (or none): may exceed the envelope, which then says so (rules 4). More
    than was asked takes a `raised_reason`, which holds for the grant that follows; once the
    programming is validated it takes a `revision_reason`."""
    deciding(project, funder, by)
    line = line_of(project, funder, version)
    record_proposal(line, amount, by, typed_from, revision_reason, raised_reason)
    db.session.flush()
    return line


def record_proposal(
    line: FundingLine, amount: Decimal | None, by: User, typed_from: str, why: str, raised: str = ""
) -> None:
    """`propose` on a line that is locked; the caller flushes."""
    if line.outcome not in WAITING:
        raise DomainError(
            "La décision est déjà prise : révisez-la plutôt que de proposer.", "proposed"
        )
    within = line.requested is not None and (amount or 0) <= line.requested
    raised = "" if within else raised.strip() or line.raised_reason
    check_proposal(amount, line.requested, line.project.total_cost, raised)
    if line.project.campaign.validated_at and not why.strip():
        raise DomainError(
            "La programmation est validée : indiquez pourquoi ce montant change.",
            "revision_reason",
        )
    write(line, "propose", by, why.strip(), typed_from, proposed=amount, raised_reason=raised)


def check_proposal(
    amount: Decimal | None, requested: Decimal | None, cost: Decimal | None, raised: str
) -> None:
    """Raises `DomainError` for a proposal that could never be granted (rules 5): below zero, above
    the action's total cost, or above what was asked without a reason. All in euros."""
    if amount is None:
        return
    if amount < 0:
        raise DomainError("Le montant proposé ne peut pas être négatif.", "proposed")
    if cost is not None and amount > cost:
        raise DomainError(
            f"Le montant proposé dépasse le coût total de l'action ({euros(cost)}) :"
            " diminuez-le.",
            "proposed",
        )
    if not raised and amount > (requested or 0):
        raise DomainError(
            f"Le montant proposé dépasse le montant demandé ({euros(requested)}) :"
            " indiquez pourquoi il est relevé, ou diminuez-le.",
            "raised_reason",
        )


def decide(
    project: Project,
    funder: Funder,
    decision: Decision,
    *,
    by: User,
    version: int | None = None,
) -> FundingLine:
    """Accept, reject, defer or cancel; the same again with a reason is a revision.

    Raises `DomainError` at the field when an amount, a reason or room in the envelope is
    missing, `NotAllowed` for another institution's column, `Conflict` when the line changed.
    """
    deciding(project, funder, by)
    line = line_of(project, funder, version)
    check(line, decision, granted_beside([line.id]).get(line.project_id, Decimal(0)))
    if decision.outcome is Outcome.ACCEPTED:
        check_room(line.campaign_id, line.funder_id, more(line, decision))
    record(line, decision, by)
    db.session.flush()
    return line


def check(line: FundingLine, decision: Decision, others: Decimal) -> None:
    """All that `decide` asks of a locked line but the room in its envelope. `others`: euros that
    other funders grant to its project."""
    why_of(line, decision)
    if decision.outcome is Outcome.ACCEPTED:
        _check_amount(line, decision, others)


def more(line: FundingLine, decision: Decision) -> Decimal:
    """Euros that it takes from the envelope beyond what the line has already."""
    return (decision.granted or Decimal(0)) - (line.granted or Decimal(0))


def record(line: FundingLine, decision: Decision, by: User) -> None:
    """Write what was checked; the caller flushes."""
    write(
        line, decision.outcome.value.lower(), by, why_of(line, decision), decision.typed_from,
        outcome=decision.outcome,
        granted=decision.granted if decision.outcome is Outcome.ACCEPTED else None,
        reason=decision.reason.strip(),
        condition=decision.condition.strip(),
        redirected_to=decision.redirected_to.strip(),
        raised_reason=raised(line, decision),
        decided_by_id=by.id,
        decided_at=now(),
        notified_at=None,
        act_number="",
        act_date=None,
    )  # fmt: skip


def granted_beside(line_ids: Iterable[int]) -> dict[int, Decimal]:
    """By project, the euros that all other lines than these grant to it."""
    ours = select(FundingLine.project_id).where(FundingLine.id.in_(line_ids))
    records = db.session.execute(
        select(FundingLine.project_id, func.sum(FundingLine.granted))
        .where(FundingLine.project_id.in_(ours), FundingLine.id.not_in(line_ids))
        .group_by(FundingLine.project_id)
    )
    return {project_id: total or Decimal(0) for project_id, total in records}


def why_of(line: FundingLine, decision: Decision) -> str:
    """The reason that goes to history; raises `DomainError` when one is due and missing."""
    if decision.outcome is Outcome.PENDING:
        raise DomainError("Choisissez une décision.", "outcome")
    if decision.outcome is Outcome.CANCELLED and line.outcome is not Outcome.ACCEPTED:
        raise DomainError("Seul un accord peut être annulé.", "outcome")
    if decision.outcome in (Outcome.REJECTED, Outcome.CANCELLED) and not decision.reason.strip():
        raise DomainError("Indiquez le motif.", "reason")
    if decision.outcome is Outcome.CANCELLED:
        return decision.reason.strip()
    revises = line.outcome not in WAITING
    if (revises or line.project.campaign.validated_at) and not decision.revision_reason.strip():
        raise DomainError(
            "Cette décision est déjà prise (ou la programmation validée) :"
            " indiquez pourquoi elle change.",
            "revision_reason",
        )
    return decision.revision_reason.strip() or decision.reason.strip()


def raised(line: FundingLine, decision: Decision) -> str:
    """Why more than was asked; the reason of an earlier decision does not cover a new one."""
    waits = line.outcome in WAITING
    return decision.raised_reason.strip() or (line.raised_reason if waits else "")


def _check_amount(line: FundingLine, decision: Decision, others: Decimal) -> None:
    """Within request and total cost."""
    amount, cost = decision.granted, line.project.total_cost
    if amount is None or amount <= 0:
        raise DomainError("Indiquez le montant accordé, plus grand que zéro.", "granted")
    if not raised(line, decision) and (line.requested is None or amount > line.requested):
        raise DomainError(
            f"Le montant accordé dépasse le montant demandé ({euros(line.requested)}) :"
            " diminuez-le, ou indiquez pourquoi il est relevé.",
            "granted",
        )
    if cost is not None and others + amount > cost:
        raise DomainError(
            f"Les accords dépasseraient le coût total de l'action ({euros(cost)},"
            f" dont {euros(others)} déjà accordés par d'autres). Diminuez ce montant.",
            "granted",
        )
