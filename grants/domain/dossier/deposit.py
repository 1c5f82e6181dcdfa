"""The deposit: everything is checked again, at the instant that counts."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from grants.domain.dossier.budget import totals_of
from grants.domain.dossier.checks import faults
from grants.domain.dossier.drafts import refuse_unless_draft, refuse_unless_open
from grants.domain.reference import next_reference
from grants.domain.workflow import lock, move
from grants.errors import Incomplete, NotAllowed
from grants.french import PARIS
from grants.models import Project, User, now
from grants.permissions import is_signatory

SILENCE_MONTHS = 2


def submit(project: Project, *, by: User, version: int | None = None) -> Project:
    """Deposit the dossier and give it its reference.

    Raises `NotAllowed` unless `by` is a signatory, `Conflict` when the dossier changed since
    `version` (what the person had checked), `DomainError` outside the open period,
    `Incomplete` with every fault.
    """
    campaign, bearer = project.campaign, project.organisation  # kept loaded over the lock
    lock(project, version)
    refuse_unless_draft(project, by)
    if not is_signatory(by, project):
        raise NotAllowed(
            f"Seul un signataire de {bearer.name} peut déposer ce dossier :"
            " prévenez-le qu'il est prêt."
        )
    refuse_unless_open(campaign)
    sums = totals_of(project)
    found = faults(project, sums)
    if found:
        raise Incomplete("Le dossier n'est pas complet : il n'est pas déposé.", list(found))
    # Last of all: it makes the deposits of this contract and year wait for each other.
    project.reference = next_reference(project.contract_id, project.year)
    project.total_cost = sums.cost
    project.theme_id = project.applicant_theme_id
    project.submitted_at = now()
    return move(project, "submit", by=by)


def implicit_rejection(project: Project) -> date:
    """The day on which the silence of the administration means rejection (CRPA L231-4)."""
    assert project.submitted_at is not None  # noqa: S101 - told by the type, not by data
    received = project.submitted_at.astimezone(PARIS).date()
    month = received.month - 1 + SILENCE_MONTHS
    year, month = received.year + month // 12, month % 12 + 1
    return date(year, month, min(received.day, monthrange(year, month)[1]))
