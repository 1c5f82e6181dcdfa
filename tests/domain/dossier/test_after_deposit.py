"""Messages, pieces asked for, and the clock of the implicit decision, on both databases."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain import dossier
from grants.domain.documents import document
from grants.domain.documents.document import ReceivedFile
from grants.domain.dossier import drafts
from grants.domain.dossier.answers import CalendarAnswers, ProjectAnswers, PublicAnswers
from grants.domain.dossier.deposit import implicit_rejection
from grants.domain.dossier.drafts import Section
from grants.domain.instruction import exchange, piece_request
from grants.domain.instruction.piece_request import PiecesWanted
from grants.domain.workflow import advance
from grants.errors import Conflict, DomainError, Incomplete, NotAllowed
from grants.french import today
from grants.models import Mail, MemberRole, Message, PieceRequest, Project, State, now
from grants.queries.sheet.exchange import thread
from grants.storage import StoredFile
from tests.conftest import both
from tests.factories import World, complete_draft, member, organisation, world

RIB = "RIB signé"
SOON = (now() + timedelta(days=10)).date()


def deposited(w: World) -> Project:
    return dossier.submit(complete_draft(w), by=w.applicant)


def asked(w: World, *sections: Section, labels: tuple[str, ...] = (RIB,)) -> Project:
    project = deposited(w)
    wanted = PiecesWanted(labels, SOON, {s: f"Page {s}" for s in sections}, "Merci.")
    piece_request.ask(project, wanted, by=w.coordinator, version=project.version)
    return project


def send_file(project: Project, w: World, name: str = "rib.pdf") -> None:
    request = piece_request.open_request(project)
    stored = StoredFile(f"{name}-{now().timestamp()}", 12, "0" * 64)
    received = ReceivedFile(name, "application/pdf", stored)
    for slot in piece_request.slots_of(request):
        piece_request.add(slot, received, project, by=w.applicant, total=1000)
        break


def mails(purpose: str) -> list[str]:
    told = select(Mail.to).where(Mail.purpose == purpose).order_by(Mail.id)
    return list(db.session.scalars(told))


@both
def test_a_message_reaches_the_other_side(app: Flask) -> None:
    w = world()
    project = deposited(w)
    reader = member(w.bearer, MemberRole.EDITOR)
    exchange.send(project, "Une question", by=w.city_instructor, as_applicant=False)
    assert set(mails("message")) == {w.applicant.email, reader.email}
    exchange.send(project, "La réponse", by=w.applicant, as_applicant=True)
    assert set(mails("message")[2:]) == {w.coordinator.email, w.city_instructor.email}
    found = thread(project.id).messages
    assert [(m.text, m.by, m.from_applicant) for m in found] == [
        ("Une question", w.city_instructor.name, False),
        ("La réponse", w.applicant.name, True),
    ]


def test_a_message_goes_to_no_address_that_nobody_has_confirmed(app: Flask) -> None:
    w = world()
    project = deposited(w)
    exchange.send(project, "Une question", by=w.city_instructor, as_applicant=False)
    w.city_instructor.email_confirmed_at = None
    exchange.send(project, "La réponse", by=w.applicant, as_applicant=True)
    assert mails("message") == [w.applicant.email, w.coordinator.email]


@both
def test_the_button_pressed_twice_sends_once(app: Flask) -> None:
    w = world()
    project = deposited(w)
    first = exchange.send(project, "Bonjour", by=w.applicant, as_applicant=True)
    assert exchange.send(project, " Bonjour ", by=w.applicant, as_applicant=True) is first
    assert db.session.query(Message).count() == 1
    first.at -= timedelta(minutes=6)
    exchange.send(project, "Bonjour", by=w.applicant, as_applicant=True)
    assert db.session.query(Message).count() == 2


def test_who_may_not_write(app: Flask) -> None:
    w, elsewhere = world(), world()
    project, draft = deposited(w), complete_draft(w)
    for person in (w.committee, elsewhere.coordinator, member(organisation()), w.administrator):
        for side in (True, False):
            with pytest.raises(NotAllowed):
                exchange.send(project, "x", by=person, as_applicant=side)
    with pytest.raises(NotAllowed):  # a coordinator on the bearer's side
        exchange.send(project, "x", by=w.coordinator, as_applicant=True)
    with pytest.raises(DomainError, match="pas encore déposé"):
        exchange.send(draft, "x", by=w.applicant, as_applicant=True)
    with pytest.raises(DomainError, match="Écrivez"):
        exchange.send(project, " \n", by=w.applicant, as_applicant=True)
    assert db.session.query(Message).count() == 0


@both
def test_a_request_opens_only_what_is_asked(app: Flask) -> None:
    w = world()
    project = asked(w, Section.CALENDAR)
    assert (project.state, project.pieces_due_on) == (State.INCOMPLETE, SOON)
    assert RIB in project.state_reason
    assert mails("piece_request") == [w.applicant.email]
    assert drafts.open_sections(project) == {Section.CALENDAR}
    stored = CalendarAnswers.of(project)
    answers = CalendarAnswers(stored.starts_on, stored.ends_on, "Le mercredi")
    drafts.save(project, answers, by=w.applicant, seen=stored.fingerprint())
    assert project.schedule == "Le mercredi"
    for other in (ProjectAnswers, PublicAnswers):
        same = other.of(project)
        with pytest.raises(NotAllowed, match="ne peut pas être modifiée"):
            drafts.save(project, same, by=w.applicant, seen=same.fingerprint())
    with pytest.raises(NotAllowed, match="membre"):
        drafts.save(project, answers, by=w.coordinator, seen=answers.fingerprint())
    with pytest.raises(NotAllowed, match="brouillon"):
        dossier.submit(project, by=w.applicant)


@both
def test_a_deposited_dossier_keeps_a_title(app: Flask) -> None:
    w = world()
    project = asked(w, Section.PROJECT)
    stored = ProjectAnswers.of(project)
    blank = ProjectAnswers(**{**vars(stored), "title": ""})
    with pytest.raises(DomainError) as refused:
        drafts.save(project, blank, by=w.applicant, seen=stored.fingerprint())
    assert refused.value.field == "title"


@pytest.mark.parametrize(
    ("labels", "days", "field"),
    [
        ((), 5, "labels"),
        (("x" * 251,), 5, "labels"),
        ((RIB,) * 21, 5, "labels"),
        ((RIB,), -1, "due_on"),
        ((RIB,), 800, "due_on"),
        ((RIB,), None, "due_on"),
    ],
)
def test_a_request_without_sense_is_refused_at_its_field(app: Flask, labels, days, field) -> None:
    w = world()
    project = deposited(w)
    due_on = None if days is None else today() + timedelta(days=days)
    with pytest.raises(DomainError) as refused:
        piece_request.ask(project, PiecesWanted(labels, due_on), by=w.coordinator)
    assert refused.value.field == field
    assert project.state is State.SUBMITTED


def test_only_the_coordinator_asks_and_once(app: Flask) -> None:
    w = world()
    project = deposited(w)
    for person in (w.applicant, w.state_instructor, w.administrator):
        with pytest.raises(NotAllowed):
            piece_request.ask(project, PiecesWanted((RIB,), SOON), by=person)
    with pytest.raises(Conflict):
        piece_request.ask(project, PiecesWanted((RIB,), SOON), by=w.coordinator, version=project.version - 1)
    piece_request.ask(project, PiecesWanted((RIB,), SOON), by=w.coordinator)
    with pytest.raises(DomainError, match="état"):
        piece_request.ask(project, PiecesWanted((RIB,), SOON), by=w.coordinator)


@both
def test_files_answer_pieces_and_the_applicant_says_when_all_is_there(app: Flask) -> None:
    w = world()
    project = asked(w)
    with pytest.raises(DomainError, match=RIB):
        piece_request.finish(project, by=w.applicant)
    send_file(project, w, "premier.pdf")
    send_file(project, w, "second.pdf")
    item = piece_request.open_request(project).items[0]
    assert item.document.filename == "second.pdf"
    assert thread(project.id).open.items[0].filename == "second.pdf"
    document.remove(item.document, project, by=w.applicant)
    with pytest.raises(DomainError, match=RIB):
        piece_request.finish(project, by=w.applicant)
    send_file(project, w, "troisieme.pdf")
    piece_request.finish(project, by=w.applicant)
    for deed in (lambda: piece_request.finish(project, by=w.applicant), lambda: send_file(project, w)):
        with pytest.raises(DomainError, match="Aucune pièce"):
            deed()
    advance(project, "complete", by=w.coordinator)
    assert project.state is State.SUBMITTED
    assert piece_request.open_request(project) is None


def test_a_piece_of_another_request_is_refused(app: Flask) -> None:
    w = world()
    mine, other = asked(w), asked(w)
    [slot] = piece_request.slots_of(piece_request.open_request(other))
    received = ReceivedFile("a.pdf", "application/pdf", StoredFile("key", 12, "0" * 64))
    with pytest.raises(DomainError, match="n'est plus demandée"):
        piece_request.add(slot, received, mine, by=w.applicant, total=1000)
    with pytest.raises(NotAllowed):
        piece_request.add(slot, received, other, by=w.coordinator, total=1000)


def test_pages_open_again_must_be_whole_before_all_is_said_to_be_sent(app: Flask) -> None:
    w = world()
    project = asked(w, Section.BUDGET, labels=())
    project.budget[0].amount += 1
    db.session.flush()
    with pytest.raises(Incomplete) as refused:
        piece_request.finish(project, by=w.applicant)
    assert {fault[0] for fault in refused.value.faults} == {"demandes"}
    project.budget[0].amount -= 1
    project.objectives = ""  # not asked for: not looked at
    db.session.flush()
    piece_request.finish(project, by=w.applicant)
    assert drafts.open_sections(project) == frozenset()


@both
def test_withdrawing_closes_the_request(app: Flask) -> None:
    w = world()
    project = asked(w, Section.CALENDAR)
    advance(project, "withdraw", by=w.applicant, reason="Plus d'animateur")
    assert piece_request.open_request(project) is None
    assert drafts.open_sections(project) == frozenset()


def test_the_clock_stands_still_while_pieces_are_awaited(app: Flask) -> None:
    w = world()
    project = deposited(w)
    project.submitted_at = now().replace(year=2026, month=3, day=10, hour=12)
    db.session.flush()
    assert implicit_rejection(project) == date(2026, 5, 10)

    def request(asked_on: int, answered_on: int | None, closed_on: int | None) -> None:
        days = [
            None if day is None else now().replace(year=2026, month=4, day=day, hour=12)
            for day in (asked_on, answered_on, closed_on)
        ]
        db.session.add(
            PieceRequest(
                project_id=project.id,
                asked_by_id=w.coordinator.id,
                due_on=date(2026, 4, 30),
                asked_at=days[0],
                answered_at=days[1],
                closed_at=days[2],
            )
        )
        db.session.flush()

    request(1, 6, 9)  # five days: until the answer, not until somebody looked
    assert implicit_rejection(project) == date(2026, 5, 15)
    request(10, None, 13)
    assert implicit_rejection(project) == date(2026, 5, 18)
    assert implicit_rejection(project, thread(project.id).requests) == date(2026, 5, 18)
    db.session.add(
        PieceRequest(
            project_id=project.id, asked_by_id=w.coordinator.id, due_on=SOON, asked_at=now() - timedelta(days=4)
        )
    )
    db.session.flush()
    assert implicit_rejection(project) == date(2026, 5, 22)
    request(28, None, None)  # never answered: the clock goes on after 30 April, the last day
    assert implicit_rejection(project) == date(2026, 5, 24)
