"""A draft: begun in an open call, saved section by section, nobody's words overwritten."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar, Self

from sqlalchemy import select

from grants.database import copy_as, db, fields_of
from grants.domain.campaign import late_permission
from grants.domain.dossier.shown import record_changes, shown
from grants.domain.ledger import history
from grants.domain.ledger.seen import fingerprint
from grants.domain.workflow import lock
from grants.errors import Conflict, DomainError, NotAllowed
from grants.french import deadline, instant
from grants.models import (
    Campaign,
    HistoryEntry,
    Kind,
    Membership,
    Organisation,
    PieceRequest,
    Project,
    Provenance,
    State,
    User,
    now,
)
from grants.permissions import refuse_strangers

TOLD_ONCE_IN = timedelta(minutes=10)
SWORN = "sworn"


class Section(StrEnum):
    """The pages of a dossier, in the order that they are asked."""

    ORGANISATION = "organisation"
    PROJECT = "projet"
    PUBLIC = "public"
    CALENDAR = "calendrier"
    MEANS = "moyens"
    QUESTIONS = "questions"
    BUDGET = "budget"
    REQUESTS = "demandes"
    PIECES = "pieces"
    STATEMENTS = "attestations"


# Not asked where a call pays for an organisation as a whole (Cerfa 12156*06: global running costs).
OF_ACTIONS = (Section.PUBLIC, Section.CALENDAR, Section.MEANS)


def is_asked(campaign: Campaign, section: Section) -> bool:
    return not (campaign.operating and section in OF_ACTIONS)


class Answers(ABC):
    """What a section holds; subclasses are frozen dataclasses named after the form's fields."""

    section: ClassVar[Section]

    @classmethod
    def of(cls, project: Project) -> Self:
        """What is stored."""
        return cls.read(project)

    @classmethod
    def read(cls, project: Project, **apart: Any) -> Self:
        """From the columns named as its fields; `apart`: what is stored otherwise."""
        return copy_as(cls, project, **apart)

    @abstractmethod
    def write(self, project: Project, by: User) -> None:
        """Store; raises `DomainError` at the field for what no draft may hold."""

    def store(self, project: Project, *apart: str) -> None:
        """Into the columns named as its fields, as `read` takes them; `apart`: fields stored otherwise."""
        for name in set(fields_of(type(self))) - set(apart):
            setattr(project, name, getattr(self, name))

    @property
    def begun(self) -> bool:
        """Something was written (a new action is what every draft starts as)."""
        values = vars(self).values()
        return any(value not in ("", None, (), False, Kind.NEW) for value in values)

    def fingerprint(self) -> str:
        """Tells one state of the section from another: two people on different sections of a
        dossier do not disturb each other."""
        return fingerprint(self)


def refuse_unless_open(campaign: Campaign, organisation: Organisation | None = None) -> None:
    """Raises `DomainError` before the opening and from the closing instant on; an `organisation`
    that an administrator has allowed to be late has longer."""
    at = now()
    if campaign.opened_at is None or campaign.opens_at is None or campaign.closes_at is None:
        raise DomainError("Cet appel n'est pas ouvert : aucun dossier ne peut y être déposé.")
    if at < campaign.opens_at:
        raise DomainError(f"Cet appel ouvrira le {instant(campaign.opens_at)}.")
    if at < campaign.closes_at:
        return
    later = late_permission.until(campaign.id, organisation.id) if organisation else None
    if later is None or at >= later:
        raise DomainError(
            f"Cet appel est clos : les dossiers étaient reçus {deadline(campaign.closes_at)}."
            " Écrivez au service de la politique de la ville."
        )


def create(campaign: Campaign, organisation: Organisation, *, by: User) -> Project:
    """Begin a dossier; a draft still untouched is taken up again (the button pressed twice)."""
    refuse_strangers(by, organisation)
    refuse_unless_open(campaign, organisation)
    _one_press_at_a_time(organisation, by)
    blank = db.session.scalar(
        select(Project).where(
            Project.campaign_id == campaign.id,
            Project.organisation_id == organisation.id,
            Project.created_by_id == by.id,
            Project.state == State.DRAFT,
            Project.version == 1,
            Project.predecessor_id.is_(None),
            Project.copy_of_id.is_(None),
        )
    )
    if blank is not None:
        return blank
    return begun(in_campaign(campaign, organisation, by), "create", by=by)


def in_campaign(campaign: Campaign, organisation: Organisation, by: User, **values: Any) -> Project:
    """A dossier that is not written yet."""
    return Project(
        campaign=campaign,
        contract_id=campaign.contract_id,
        year=campaign.year,
        organisation=organisation,
        created_by_id=by.id,
        **values,
    )


def begun(draft: Project, action: str, *, by: User, reason: str = "") -> Project:
    """Written, with the beginning of its history."""
    db.session.add(draft)
    db.session.flush()
    history.record(draft, action, by=by, field="state", new=State.DRAFT, reason=reason)
    return draft


def _one_press_at_a_time(organisation: Organisation, by: User) -> None:
    """The second waits here, and then finds the first's draft."""
    db.session.execute(
        select(Membership.id)
        .where(Membership.organisation_id == organisation.id, Membership.user_id == by.id)
        .with_for_update()
    )


def save(project: Project, answers: Answers, *, by: User, seen: str) -> bool:
    """Save one section. `seen` is the fingerprint of what the person had before them; raises
    `Conflict` when somebody else has saved this section otherwise since.

    True when a sworn statement fell: who made it swore to other answers."""
    lock(project)
    refuse_unless_writable(project, answers.section, by)
    stored = type(answers).of(project)
    if stored != answers and stored.fingerprint() != seen:
        raise Conflict(
            "Cette page a été modifiée entre-temps. Rien n'a été écrasé : comparez"
            " ci-dessous, corrigez si besoin, puis enregistrez de nouveau."
        )
    before = None if project.state is State.DRAFT else shown(project)
    with db.session.no_autoflush:  # the check constraints hold for all fields together
        answers.write(project, by)
    if before is not None:
        if not project.title:
            raise DomainError("Un dossier déposé garde un titre.", "title")
        record_changes(project, before, by=by)
    if answers.section in project.to_review:
        project.to_review = [s for s in project.to_review if s != answers.section]
    project.saved_at = now()
    changed = type(answers).of(project) != stored
    if changed and not _told_already(project, answers.section, by):
        history.record(project, "save", by=by, field=answers.section)
    # That the organisation's record was read over is no answer that anybody swore to.
    spared = (Section.STATEMENTS, Section.ORGANISATION)
    falls = changed and answers.section not in spared and project.sworn_at is not None
    if falls:
        project.sworn_at = project.sworn_by_id = None
        # Old and new: what fell, and the page whose change undid it (`applicant.undone`).
        history.record(project, "save", by=by, field=Section.STATEMENTS, old=SWORN, new=answers.section)
    db.session.flush()
    return falls


def _told_already(project: Project, section: Section, by: User) -> bool:
    """Pages of a draft save themselves every few seconds: history says who wrote, once in ten
    minutes for as long as nobody else does (amounts asked are recorded each time)."""
    if project.state is not State.DRAFT:
        return False
    last = db.session.execute(
        select(HistoryEntry.by_id, HistoryEntry.at)
        .where(HistoryEntry.project_id == project.id, HistoryEntry.action == "save", HistoryEntry.field == section)
        .order_by(HistoryEntry.id.desc())
        .limit(1)
    ).first()
    return last is not None and last.by_id == by.id and now() - last.at < TOLD_ONCE_IN


def open_sections(project: Project) -> frozenset[Section]:
    """The pages that the applicant may write on: all of a draft; then only those asked for, until
    they say that they have sent everything; with them the statement that their change undid."""
    if project.state is State.DRAFT:
        return frozenset(Section)
    if project.state is not State.INCOMPLETE:
        return frozenset()
    asked = db.session.scalar(
        select(PieceRequest.sections).where(
            PieceRequest.project_id == project.id, PieceRequest.closed_at.is_(None), PieceRequest.answered_at.is_(None)
        )
    )
    opened = {s for s in Section if s in (asked or ())}
    if asked is not None and was_unsworn(project):
        opened.add(Section.STATEMENTS)
    return frozenset(opened)


def was_unsworn(project: Project) -> bool:
    """It was deposited with a sworn statement, which fell since; what came on paper has none."""
    return (
        project.state is not State.DRAFT
        and project.sworn_at is None
        and project.provenance is Provenance.TYPED
        and project.received_on is None
    )


def refuse_unless_writable(project: Project, section: Section, by: User) -> None:
    refuse_strangers(by, project)
    if section not in open_sections(project):
        raise NotAllowed("Ce dossier n'est plus un brouillon : cette page ne peut pas être modifiée.")


def refuse_unless_draft(project: Project, by: User) -> None:
    refuse_strangers(by, project)
    if project.state is not State.DRAFT:
        raise NotAllowed("Ce dossier n'est plus un brouillon : il ne peut plus être modifié.")
