"""The deposit: everything is checked again, at the instant that counts; and the signature
asked for by who prepares a dossier."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import select

from grants.database import db
from grants.domain.campaign.late_permission import closes_at
from grants.domain.dossier import correction, drafts, frozen
from grants.domain.dossier.answers import StatementsAnswers
from grants.domain.dossier.budget import figures_of
from grants.domain.dossier.checks import faults
from grants.domain.dossier.correction import locked_original, refuse_unless_depositable
from grants.domain.dossier.drafts import Section, refuse_unless_draft
from grants.domain.ledger import history
from grants.domain.mail import mail
from grants.domain.reference import next_reference
from grants.domain.workflow import MEANWHILE, lock, lock_unchanged, move
from grants.errors import Conflict, DomainError, Incomplete, NotAllowed
from grants.french import PARIS, deadline
from grants.models import MemberRole, PieceRequest, Project, User, now
from grants.permissions import is_signatory

SILENCE_MONTHS = 2
ONLY_SIGN = "Il ne manque que la signature : cochez ce que vous attestez."


@dataclass(frozen=True)
class Ready:
    """A dossier found complete at `version`, and the copy that is kept of it; `signatories`: its
    signatories."""

    version: int
    cost: Decimal
    content: dict[str, Any]
    signatories: list[User]


def checked(project: Project, *, by: User, version: int | None = None) -> Ready:
    """All that a deposit reads, before it makes anybody wait. Raises `NotAllowed` unless `by` is
    a signatory, `Conflict` when the dossier changed since `version` (what the person had
    checked), `DomainError` outside the open period, `Incomplete` with every fault."""
    if version is not None and project.version != version:
        raise Conflict(MEANWHILE)
    _refuse_unless_now(project, by)
    figures = figures_of(project)
    sums = figures.totals
    if found := faults(project, sums):
        signs = {fault.section for fault in found} == {Section.STATEMENTS}
        raise Incomplete(ONLY_SIGN if signs else "Le dossier n'est pas complet.", list(found))
    return Ready(
        project.version,
        sums.cost,
        frozen.copied(project, figures, by=by),
        mail.members(project.organisation, MemberRole.SIGNATORY),  # `by` is one of them
    )


def submit(project: Project, *, by: User, version: int | None = None) -> Project:
    """Check and deposit; raises as `checked` does."""
    correction.locked_original(project)  # always before its draft
    lock(project, version)
    return deposit(project, checked(project, by=by), by=by)


def deposit(project: Project, ready: Ready, *, by: User) -> Project:
    """Give it its reference, or put it in the place of the dossier that it corrects; keep the
    copy; give what is deposited. Raises `Conflict` when the dossier is no longer what was
    `checked`, `DomainError` when the call has closed meanwhile."""
    corrected = correction.locked_original(project)
    lock_unchanged(project, ready.version)
    at = now()  # not before what was waited for
    _refuse_unless_now(project, by)
    project.total_cost = ready.cost
    if corrected:
        correction.merge(project, corrected, by=by)
    else:
        # Last of all (but for a copy): it makes the deposits of this contract and year wait for
        # each other.
        project.reference = next_reference(project.contract_id, project.year)
        project.theme_id = project.applicant_theme_id
        project.submitted_at = at
        move(project, "submit", by=by)
    deposited = corrected or project
    frozen.freeze(deposited, ready.content, by=by, at=at)
    facts = {"corrected_at": at if corrected else None, "implicit_on": implicit_rejection(deposited, [])}
    link = f"/mes-projets/{deposited.id}/accuse"
    mail.queue_all("receipt", ready.signatories, project=deposited, link=link, **facts)
    return deposited


def _refuse_unless_now(project: Project, by: User) -> None:
    refuse_unless_draft(project, by)
    if not is_signatory(by, project):
        raise NotAllowed(
            f"Seul un signataire de {project.organisation.name} peut déposer ce dossier : prévenez-le qu'il est prêt."
        )
    correction.refuse_unless_depositable(project)


class Suspension(Protocol):
    """A request for pieces: from when to when the clock stood still."""

    @property
    def due_on(self) -> date: ...
    @property
    def asked_at(self) -> datetime: ...
    @property
    def answered_at(self) -> datetime | None: ...
    @property
    def closed_at(self) -> datetime | None: ...


def implicit_rejection(project: Project, suspensions: Iterable[Suspension] | None = None) -> date:
    """The day on which the silence of the administration means rejection (CRPA L231-4): two
    months from the receipt, and the days that pieces were waited for (L114-5: from the request
    to the answer, or to the end of the time given for it). `suspensions`: where known already."""
    assert project.submitted_at is not None  # noqa: S101 - told by the type, not by data
    received = project.received_on or _day(project.submitted_at)
    month = received.month - 1 + SILENCE_MONTHS
    year, month = received.year + month // 12, month % 12 + 1
    due = date(year, month, min(received.day, monthrange(year, month)[1]))
    if suspensions is None:
        suspensions = db.session.scalars(select(PieceRequest).where(PieceRequest.project_id == project.id)).all()
    for each in suspensions:
        waited_until = min(_day(each.answered_at or each.closed_at or now()), each.due_on)
        due += max(waited_until - _day(each.asked_at), timedelta(0))
    return due


def _day(at: datetime) -> date:
    return at.astimezone(PARIS).date()


def sign_and_deposit(project: Project, *, commitment: bool, by: User, version: int | None = None) -> Project:
    """The signatory's one press: the statements, then the deposit with all its checks. Raises as
    `deposit.checked` does."""
    locked_original(project)  # always before its draft
    lock(project, version)
    seen = StatementsAnswers.of(project).fingerprint()
    drafts.save(project, StatementsAnswers(True, commitment), by=by, seen=seen)
    return submit(project, by=by)


def ask_signature(project: Project, *, by: User) -> list[User]:
    """Mail every signatory the link to check and deposit; gives those who are asked.

    Raises `Incomplete` while anything but the statements is missing. Asked again the same day,
    nobody is written to twice.
    """
    refuse_unless_draft(project, by)
    refuse_unless_depositable(project)
    if any(fault.section != Section.STATEMENTS for fault in faults(project)):
        raise Incomplete("Terminez d'abord le dossier : il reste des réponses à compléter.", [])
    signatories = mail.members(project.organisation, MemberRole.SIGNATORY)
    if not signatories:
        raise DomainError(
            "Aucun signataire de l'organisation n'a de compte ouvert : écrivez au service de la politique de la ville."
        )
    closing = deadline(closes_at(project.campaign, project.organisation))
    for signatory in signatories:
        mail.queue(
            "signature",
            signatory,
            project=project,
            by=by.name,
            until=correction.correctable(project) if project.corrects else closing,
            link=f"/mes-projets/{project.id}/deposer",
            unique_key=f"signature-{project.id}-{signatory.id}-{now():%Y-%m-%d}",
        )
    history.record(project, "ask_signature", by=by)
    return signatories
