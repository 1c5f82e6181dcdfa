"""From who prepares a dossier to who signs it: the mail that asks for the signature."""

from __future__ import annotations

from grants.domain.dossier import drafts
from grants.domain.dossier.answers import StatementsAnswers
from grants.domain.dossier.checks import faults
from grants.domain.dossier.correction import locked_original, refuse_unless_depositable
from grants.domain.dossier.deposit import submit
from grants.domain.dossier.drafts import Section, refuse_unless_draft
from grants.domain.ledger import history
from grants.domain.mail import mail
from grants.domain.workflow import lock
from grants.errors import DomainError, Incomplete
from grants.models import MemberRole, Project, User, now


def sign_and_deposit(
    project: Project, *, commitment: bool, by: User, version: int | None = None
) -> Project:
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
            "Aucun signataire de l'organisation n'a de compte ouvert : écrivez au service de la"
            " politique de la ville."
        )
    for signatory in signatories:
        mail.queue(
            "signature", signatory, project=project, by=by.name,
            link=f"/mes-projets/{project.id}/deposer",
            unique_key=f"signature-{project.id}-{signatory.id}-{now():%Y-%m-%d}",
        )  # fmt: skip
    history.record(project, "ask_signature", by=by)
    return signatories
