"""Drafts that are not deposited yet: their holders are told before the call closes."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager

from grants.database import db
from grants.domain.contract.identity import stored
from grants.domain.dossier.correction import refuse_unless_depositable
from grants.domain.mail import mail
from grants.errors import refusal_of
from grants.models import Campaign, Mail, MemberRole, Membership, Project, State, User, now

FIRST = timedelta(days=7)
LAST = timedelta(days=1)


def queue_due() -> int:
    """Queue the reminders whose time has come; how many. Each is queued once, however often this
    runs: its key names the closing, so that a call that was prolonged reminds again."""
    told = set(db.session.scalars(select(Mail.unique_key).where(Mail.purpose == "reminder_draft")))
    fresh = {_key(draft, holder): (draft, holder) for draft, holder in _holders()}
    due = fresh.keys() - told
    _site = stored()  # held, so that it is read once and not for each mail
    for key in due:
        draft, holder = fresh[key]
        mail.queue("reminder_draft", holder, project=draft).unique_key = key
    return len(due)


def _holders() -> list[tuple[Project, User]]:
    """Drafts of calls that close within a week, each with whoever began it or can sign it.

    A draft begun in that week hears of the last day only.
    """
    at = now()
    rows = db.session.execute(
        select(Project, User)
        .join(Project.campaign)
        .join(Membership, Membership.organisation_id == Project.organisation_id)
        .join(User, User.id == Membership.user_id)
        .where(
            Project.state == State.DRAFT,
            Campaign.opened_at.is_not(None),
            Campaign.opens_at <= at,
            Campaign.closes_at > at,
            Campaign.closes_at <= at + FIRST,
            Membership.approved_at.is_not(None),
            User.active,
            User.email_confirmed_at.is_not(None),
            or_(Membership.role == MemberRole.SIGNATORY, Membership.user_id == Project.created_by_id),
        )
        .options(contains_eager(Project.campaign))
    )
    depositable = cache(lambda draft: draft.copy_of_id is None or not refusal_of(refuse_unless_depositable, draft))
    return [(draft, holder) for draft, holder in rows if _worth_telling(draft) and depositable(draft)]


def _closes_within(draft: Project, time: timedelta) -> bool:
    closes_at = draft.campaign.closes_at
    return closes_at is not None and closes_at - now() <= time


def _worth_telling(draft: Project) -> bool:
    closes_at = draft.campaign.closes_at
    assert closes_at is not None  # noqa: S101 - the query asked for it
    return _closes_within(draft, LAST) or draft.created_at <= closes_at - FIRST


def _key(draft: Project, holder: User) -> str:
    days = (LAST if _closes_within(draft, LAST) else FIRST).days
    return f"draft:{draft.id}:{draft.campaign.closes_at:%Y%m%d%H%M}:{days}:{holder.id}"
