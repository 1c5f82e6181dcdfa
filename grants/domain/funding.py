"""Decisions of funders on projects: the allocation of money (rules 3 to 7).

Every function locks the project first, the envelope last (docs/decisions/database.md): in one
order, two people who decide at the same instant wait for each other instead of overrunning it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from grants.database import db
from grants.domain import history, mail
from grants.domain.envelope import check_room
from grants.domain.locking import fresh
from grants.domain.workflow import lock
from grants.errors import Conflict, DomainError, NotAllowed
from grants.french import euros
from grants.models import (
    NOT_COUNTING,
    WAITING,
    CampaignFunder,
    Funder,
    FundingLine,
    Outcome,
    Project,
    State,
    User,
    now,
)
from grants.permissions import decides_for, instructs_for
from grants.words import word


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
    project = _deciding(project, funder, by)
    if not reason.strip():
        raise DomainError("Indiquez pourquoi ce financeur est ouvert.", "reason")
    if db.session.get(CampaignFunder, (project.campaign_id, funder.id)) is None:
        raise DomainError("Ce financeur ne participe pas à cet appel.", "funder")
    if _find(project, funder) is not None:
        raise DomainError("Ce financeur est déjà ouvert pour ce dossier.", "funder")
    line = FundingLine(
        project=project, campaign_id=project.campaign_id, funder=funder,
        raised_reason=reason.strip(),
    )  # fmt: skip
    db.session.add(line)
    db.session.flush()
    history.record(line, "open", by=by, reason=reason.strip(), **_behalf(funder, by))
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
) -> FundingLine:
    """Propose an amount (or none): may exceed the envelope, which then says so (rules 4). Once the
    programming is validated it takes a `revision_reason`."""
    project = _deciding(project, funder, by)
    line = _line(project, funder, version)
    if line.outcome not in WAITING:
        raise DomainError(
            "La décision est déjà prise : révisez-la plutôt que de proposer.", "proposed"
        )
    if amount is not None and amount < 0:
        raise DomainError("Le montant proposé ne peut pas être négatif.", "proposed")
    if project.campaign.validated_at and not revision_reason.strip():
        raise DomainError(
            "La programmation est validée : indiquez pourquoi ce montant change.",
            "revision_reason",
        )
    _write(line, "propose", by, revision_reason.strip(), typed_from, proposed=amount)
    return line


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
    project = _deciding(project, funder, by)
    line = _line(project, funder, version)
    why = _why(project, line, decision)
    granted = _granted(project, line, decision)
    _write(
        line, decision.outcome.value.lower(), by, why, decision.typed_from,
        outcome=decision.outcome,
        granted=granted,
        reason=decision.reason.strip(),
        condition=decision.condition.strip(),
        redirected_to=decision.redirected_to.strip(),
        raised_reason=_raised(line, decision),
        decided_by_id=by.id,
        decided_at=now(),
        notified_at=None,
        act_number="",
        act_date=None,
    )  # fmt: skip
    return line


def notify(
    project: Project,
    funder: Funder,
    act_number: str,
    act_date: date | None,
    *,
    by: User,
    version: int | None = None,
    typed_from: str = "",
) -> FundingLine:
    """Tell the applicant this funder's decision from now on (rules 7). `typed_from`: the source,
    when the coordinator notifies a decision that the institution took here itself; history keeps
    it. Raises `DomainError` where nothing is decided, or the project counts no more."""
    line = _line(_own_column(project, funder, by), funder, version)
    if project.state in NOT_COUNTING:
        raise DomainError("Ce dossier est retiré ou irrecevable : il n'y a plus rien à notifier.")
    if line.outcome in WAITING:
        raise DomainError("Il n'y a pas encore de décision à notifier.")
    if not act_number.strip():
        raise DomainError("Indiquez le numéro de l'acte (arrêté, délibération).", "act_number")
    if act_date is None:
        raise DomainError("Indiquez la date de l'acte.", "act_date")
    _write(
        line, "notify", by, typed_from.strip(), typed_from or line.typed_from,
        act_number=act_number.strip(), act_date=act_date, notified_at=now(),
    )  # fmt: skip
    for member in mail.members(project.organisation):
        mail.queue("decision_notified", member, project=project, funder=funder.label)
    return line


def confirm(
    project: Project, funder: Funder, *, by: User, version: int | None = None
) -> FundingLine:
    """The institution's instructor confirms what was typed for it (rules 6), as they saw it."""
    lock(project)
    if not instructs_for(by, funder):
        raise NotAllowed("Seule l'institution concernée peut confirmer ce montant.")
    line = _line(project, funder, version)
    if not line.typed_from or line.confirmed_at:
        raise DomainError("Il n'y a rien à confirmer sur cette ligne.")
    line.confirmed_by_id = by.id
    history.change(line, "confirm", "confirmed_at", now(), by=by)
    db.session.flush()
    return line


def _own_column(project: Project, funder: Funder, by: User) -> Project:
    lock(project)
    if funder.contract_id != project.contract_id or not decides_for(by, funder):
        raise NotAllowed("Vous ne pouvez écrire que dans les colonnes de votre institution.")
    return project


def _deciding(project: Project, funder: Funder, by: User) -> Project:
    project = _own_column(project, funder, by)
    if project.state is not State.ADMISSIBLE:
        raise DomainError("Ce dossier n'est pas (ou plus) recevable : aucune décision possible.")
    fresh(project.campaign, shared=True)  # whether it is validated stays so until the end
    return project


def _find(project: Project, funder: Funder) -> FundingLine | None:
    return db.session.scalar(
        select(FundingLine)
        .where(FundingLine.project_id == project.id, FundingLine.funder_id == funder.id)
        .execution_options(populate_existing=True)
    )


def _line(project: Project, funder: Funder, version: int | None) -> FundingLine:
    line = _find(project, funder)
    if line is None:
        raise DomainError("Ce financeur n'a pas été sollicité : ouvrez d'abord sa ligne.")
    if version is not None and line.version != version:
        raise Conflict(
            "Cette ligne a changé entre-temps : elle dit maintenant"
            f" {describe(line)}. Vérifiez, puis recommencez."
        )
    return line


def describe(line: FundingLine) -> str:
    """The line in words, for a conflict that shows both values."""
    return (
        f"proposé {euros(line.proposed)}, accordé {euros(line.granted)}, {word(line.outcome)}"
    )


def _why(project: Project, line: FundingLine, decision: Decision) -> str:
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
    if (revises or project.campaign.validated_at) and not decision.revision_reason.strip():
        raise DomainError(
            "Cette décision est déjà prise (ou la programmation validée) :"
            " indiquez pourquoi elle change.",
            "revision_reason",
        )
    return decision.revision_reason.strip() or decision.reason.strip()


def _raised(line: FundingLine, decision: Decision) -> str:
    """Why more than was asked; the reason of an earlier decision does not cover a new one."""
    waits = line.outcome in WAITING
    return decision.raised_reason.strip() or (line.raised_reason if waits else "")


def _granted(project: Project, line: FundingLine, decision: Decision) -> Decimal | None:
    """The amount to grant, within request, total cost and envelope; `None` unless accepted."""
    if decision.outcome is not Outcome.ACCEPTED:
        return None
    amount = decision.granted
    if amount is None or amount <= 0:
        raise DomainError("Indiquez le montant accordé, plus grand que zéro.", "granted")
    if not _raised(line, decision) and (line.requested is None or amount > line.requested):
        raise DomainError(
            f"Le montant accordé dépasse le montant demandé ({euros(line.requested)}) :"
            " diminuez-le, ou indiquez pourquoi il est relevé.",
            "granted",
        )
    others = db.session.scalar(
        select(func.sum(FundingLine.granted)).where(
            FundingLine.project_id == project.id, FundingLine.id != line.id
        )
    ) or Decimal(0)
    if project.total_cost is not None and others + amount > project.total_cost:
        raise DomainError(
            f"Les accords dépasseraient le coût total de l'action ({euros(project.total_cost)},"
            f" dont {euros(others)} déjà accordés par d'autres). Diminuez ce montant.",
            "granted",
        )
    check_room(line.campaign_id, line.funder_id, amount - (line.granted or Decimal(0)))
    return amount


def _behalf(funder: Funder, by: User) -> dict[str, Any]:
    own = instructs_for(by, funder)
    return {"on_behalf_of_id": None if own else funder.institution_id}


def _write(
    line: FundingLine, action: str, by: User, why: str, typed_from: str, /, **values: Any
) -> None:
    behalf = _behalf(line.funder, by)
    if behalf["on_behalf_of_id"] is None:
        typed_from = ""
    elif not typed_from.strip():
        raise DomainError(
            "Indiquez la source (courriel, comité, arrêté ...) : vous écrivez pour le compte de"
            f" {line.funder.institution.label}.",
            "typed_from",
        )
    if action != "notify":
        values |= {"typed_from": typed_from.strip(), "confirmed_at": None, "confirmed_by_id": None}
    with db.session.no_autoflush:  # the check constraints hold for all of them together
        for field, value in values.items():
            history.change(line, action, field, value, by=by, reason=why, **behalf)
    db.session.flush()
