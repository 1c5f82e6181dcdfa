"""Until when a deposited dossier may be corrected, on both databases."""

from datetime import timedelta

import pytest
from flask import Flask

from grants.database import db
from grants.domain.dossier import correction, reminders
from grants.domain.dossier.sent import deposits_of
from grants.domain.instruction import checklist, piece_request
from grants.domain.workflow import advance
from grants.errors import DomainError
from grants.models import Checked, CheckItem, Project, now
from grants.queries.applicant.applicant import own_projects
from tests.conftest import both
from tests.domain.dossier.test_correction import close, deposited, redeposit, rewrite
from tests.factories import World, world

pytestmark = both


@pytest.mark.parametrize("deed", ["admit", "refuse", "pieces", "complete", "withdraw", "validate"])
def test_once_examined_the_correction_is_not_taken_and_nothing_is_lost(app: Flask, deed) -> None:
    w = world()
    first = deposited(w)
    draft = correction.begin(first, by=w.applicant)
    rewrite(draft, w.applicant, title="Mes mots")
    if deed in ("pieces", "complete"):
        soon = (now() + timedelta(days=10)).date()
        piece_request.ask(first, piece_request.PiecesWanted(("RIB",), soon), by=w.coordinator)
        if deed == "complete":
            advance(first, "complete", by=w.coordinator)
    elif deed == "validate":
        w.campaign.validated_at = now()
    else:
        by = w.applicant if deed == "withdraw" else w.coordinator
        advance(first, deed, by=by, reason="Motif")
    if deed in ("refuse", "withdraw"):  # then it is another dossier
        assert redeposit(draft, w).reference != first.reference
        assert first.title == "Lire ensemble"
        return
    with pytest.raises(DomainError, match="examen"):
        redeposit(draft, w)
    assert (first.title, draft.title) == ("Lire ensemble", "Mes mots")
    assert len(deposits_of(first)) == 1


def test_until_the_closing_whatever_was_looked_at(app: Flask) -> None:
    w = world()
    first = deposited(w)
    look_at(first, w)
    redeposit(correction.begin(first, by=w.applicant), w)
    late = correction.begin(first, by=w.applicant)
    close(w.campaign)
    with pytest.raises(DomainError, match="clos"):
        redeposit(late, w)
    with pytest.raises(DomainError, match="clos"):
        correction.begin(deposited_late(w), by=w.applicant)


def test_until_its_examination_begins_also_after_the_closing(app: Flask) -> None:
    w = world()
    w.campaign.correct_until_examined = True
    first = deposited(w)
    close(w.campaign)
    redeposit(correction.begin(first, by=w.applicant), w)
    begun = correction.begin(first, by=w.applicant)
    look_at(first, w)
    with pytest.raises(DomainError, match="examen"):
        redeposit(begun, w)
    assert len(deposits_of(first)) == 2


def test_list_and_mail_say_what_the_domain_takes(app: Flask) -> None:
    """Once it is examined there is nothing to finish, and nobody is asked to."""
    w = world()
    w.campaign.correct_until_examined, w.campaign.closes_at = True, now() + timedelta(days=3)
    first = deposited(w)
    draft = correction.begin(first, by=w.applicant)
    draft.created_at = now() - timedelta(days=30)
    [own] = own_projects(w.applicant.id)
    assert own.correction.can_be_deposited
    look_at(first, w)
    [own] = own_projects(w.applicant.id)
    assert not own.correction.can_be_deposited
    assert reminders.queue_due() == 0


def look_at(project: Project, w: World) -> None:
    """The coordinator checks a point of its call."""
    item = CheckItem(campaign_id=w.campaign.id, label="Budget", position=1)
    db.session.add(item)
    db.session.flush()
    seen = checklist.state_of(checklist.points_of(project))
    found = {item.id: checklist.PointAnswer(Checked.OK)}
    checklist.check(project, found, by=w.coordinator, seen=seen)


def deposited_late(w: World) -> Project:
    closes_at, w.campaign.closes_at = w.campaign.closes_at, now() + timedelta(days=1)
    made = deposited(w)
    w.campaign.closes_at = closes_at
    db.session.flush()
    return made
