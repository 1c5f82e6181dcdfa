"""What a decision must satisfy (rules 3 to 7)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from grants.errors import DomainError
from grants.french import euros
from grants.models import WAITING, FundingLine, Outcome


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


def check(line: FundingLine, decision: Decision, others: Decimal) -> None:
    """All that `decide` asks of a locked line but the room in its envelope. `others`: euros that
    other funders grant to its project."""
    why_of(line, decision)
    if decision.outcome is Outcome.ACCEPTED:
        _check_amount(line, decision, others)


def more(line: FundingLine, decision: Decision) -> Decimal:
    """Euros that it takes from the envelope beyond what the line has already."""
    return (decision.granted or Decimal(0)) - (line.granted or Decimal(0))


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
