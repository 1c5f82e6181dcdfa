"""Renewal: a dossier of an earlier year taken up again in an open call of the same kind.

What was written is copied; what each year says anew is copied too, as a starting point, and marked
to be read over (`Project.to_review`). What is sworn and confirmed is never copied.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import inspect, select

from grants.database import db
from grants.domain.dossier.budget import RequestAnswers, funders_of
from grants.domain.dossier.drafts import Section, begun, in_campaign, is_asked, refuse_unless_open
from grants.domain.dossier.themes import offered
from grants.domain.workflow import lock
from grants.errors import DomainError
from grants.models import BudgetLine, Campaign, Kind, Project, Question, State, User
from grants.permissions import refuse_strangers, was_deposited

# Of a dossier, what another takes over.
COPIED = (
    "title objectives description audience beneficiaries beneficiaries_qpv commune_id place schedule means evaluation"
    " staff in_charge_name in_charge_email in_charge_phone total_cost"
)
TO_REVIEW = (Section.PUBLIC, Section.CALENDAR, Section.BUDGET, Section.REQUESTS)


def renew(earlier: Project, campaign: Campaign, *, by: User) -> Project:
    """A draft in `campaign` with the answers of `earlier`; the one begun before, if there is one.

    Raises `DomainError` for a call of another kind, contract or year, one that is closed, and
    where this action has been deposited again already."""
    lock(earlier)  # two presses at once find one draft
    bearer = earlier.organisation
    refuse_strangers(by, earlier)
    _check(earlier, campaign)
    if taken_up := _taken_up(earlier, campaign):
        return taken_up
    refuse_unless_open(campaign, bearer)
    draft = in_campaign(
        campaign,
        bearer,
        by,
        kind=Kind.RENEWAL,
        predecessor_id=earlier.id,
        to_review=[section.value for section in TO_REVIEW if is_asked(campaign, section)],
        **{name: getattr(earlier, name) for name in COPIED.split()},
    )
    _copy_choices(earlier, draft)
    draft.budget = copied_lines(earlier)
    begun(draft, "renew", by=by, reason=f"Reprise du dossier {earlier.reference}")
    _same_requests(earlier, draft).write(draft, by)
    db.session.flush()
    return draft


def _check(earlier: Project, campaign: Campaign) -> None:
    same = (earlier.contract_id, earlier.campaign.kind) == (campaign.contract_id, campaign.kind)
    if not was_deposited(earlier) or not same or earlier.year >= campaign.year:
        raise DomainError("Ce dossier ne peut pas être reconduit dans cet appel.")


def _taken_up(earlier: Project, campaign: Campaign) -> Project | None:
    renewed = db.session.scalars(
        select(Project)
        .where(
            Project.predecessor_id == earlier.id, Project.campaign_id == campaign.id, Project.state != State.WITHDRAWN
        )
        .order_by(Project.id)  # before its own corrections
    ).first()
    if renewed and renewed.state is not State.DRAFT:
        raise DomainError(f"Cette action est déjà déposée sous le numéro {renewed.reference}.")
    return renewed


def _copy_choices(earlier: Project, draft: Project) -> None:
    """Where it is classified now, zones and dates: each where the new call still has it."""
    allowed = {choice.id for choice in offered(draft.contract_id, draft.campaign.kind)}
    theme_ids = (earlier.theme_id, earlier.applicant_theme_id)
    draft.applicant_theme_id = next((id_ for id_ in theme_ids if id_ in allowed), None)
    draft.zones = [zone for zone in earlier.zones if not zone.archived]
    draft.cross_themes = [theme for theme in earlier.cross_themes if not theme.archived]
    draft.other_communes = list(earlier.other_communes)
    years = draft.year - earlier.year
    draft.starts_on = _later(earlier.starts_on, years)
    draft.ends_on = _later(earlier.ends_on, years)
    draft.answers = _same_questions(earlier, draft.campaign)


def _later(day: date | None, years: int) -> date | None:
    if day is None:
        return None
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if leap else day.day)


def _same_questions(earlier: Project, campaign: Campaign) -> dict[str, Any]:
    """Answers to the questions that the new call asks in the same words and form."""
    rows = db.session.scalars(
        select(Question).where(Question.campaign_id.in_((earlier.campaign_id, campaign.id)))
    ).all()
    asked = {(q.label, q.type): q for q in rows if q.campaign_id == campaign.id}
    found = {}
    for old in rows:
        new = asked.get((old.label, old.type)) if old.campaign_id == earlier.campaign_id else None
        answer = earlier.answers.get(str(old.id))
        if new and answer is not None and (not new.options or answer in new.options):
            found[str(new.id)] = answer
    return found


def copied_lines(earlier: Project) -> list[BudgetLine]:
    """The lines of its budget, for another dossier."""
    kept = {c.key for c in inspect(BudgetLine).column_attrs} - {"id", "project_id"}
    return [BudgetLine(**{n: getattr(line, n) for n in kept}) for line in earlier.budget]


def _same_requests(earlier: Project, draft: Project) -> RequestAnswers:
    """What was asked of the funders that take part again."""
    here = {funder.id for funder in funders_of(draft)}
    asked = RequestAnswers.of(earlier).amounts
    return RequestAnswers(tuple(one for one in asked if one[0] in here))
