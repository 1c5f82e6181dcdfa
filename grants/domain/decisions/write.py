"""Decisions of funders on projects: the allocation of money (rules 3 to 7).

Every function locks the project first, the envelope last (docs/decisions/database.md): in one
order, two people who decide at the same instant wait for each other instead of overrunning it.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import func, select

from grants.database import db
from grants.domain.decisions.lines import behalf, deciding, find, line_of, put
from grants.domain.decisions.rules import Decision, check, check_proposal, more, raised, why_of
from grants.domain.envelope import check_room
from grants.domain.ledger import history
from grants.errors import DomainError
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
    put(line, "propose", by, why.strip(), typed_from, proposed=amount, raised_reason=raised)


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


def record(line: FundingLine, decision: Decision, by: User) -> None:
    """Write what was checked; the caller flushes."""
    put(
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
