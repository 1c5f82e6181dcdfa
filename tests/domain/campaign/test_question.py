"""A call's own questions: set up, ordered, retired, copied; asked by one rule; criteria told."""

import pytest
from flask import Flask

from grants.database import db
from grants.domain import dossier
from grants.domain.campaign import criteria
from grants.domain.campaign import question as rules
from grants.domain.campaign.campaign import copy_campaign
from grants.domain.campaign.criteria import Criterion, add_criterion, archive_criterion, criteria_of, verdict
from grants.domain.campaign.question import QuestionTerms
from grants.domain.dossier import drafts
from grants.domain.dossier.questions import QuestionAnswers, for_reading, missing, shown, verdicts
from grants.domain.importing.usual import USUAL_CAMPAIGNS, ask_usual_questions
from grants.errors import DomainError
from grants.models import AnswerType, HistoryEntry, Question, now
from tests.conftest import both
from tests.factories import World, complete_draft, world

TEXT, NUMBER, CHOICE, YES_NO = AnswerType


@pytest.fixture
def w(app: Flask) -> World:
    return world()


def add(w: World, label: str, type_: AnswerType = TEXT, **more) -> Question:
    return rules.add_question(w.campaign, QuestionTerms(label, type_, **more), by=w.administrator)


def answer(draft, by, *pairs) -> None:
    answers = QuestionAnswers(tuple((q.id, one) for q, one in pairs))
    drafts.save(draft, answers, by=by, seen=QuestionAnswers.of(draft).fingerprint())
    draft.sworn_at, draft.sworn_by_id = now(), by.id  # sworn anew, to what is answered now
    db.session.flush()


def labels(w: World) -> list[str]:
    return [q.label for q in rules.asked_questions(w.campaign.questions)]


@both
def test_answers_are_kept_typed_and_come_back(w: World) -> None:
    text, number = add(w, "Pourquoi ?"), add(w, "Combien ?", NUMBER)
    choice = add(w, "Où ?", CHOICE, choices=("Ici", "Là"))
    yes = add(w, "Déjà fait ?", YES_NO)
    draft = complete_draft(w)
    given = [(text, "=1+1"), (number, 0), (choice, "Là"), (yes, "non")]
    answer(draft, w.applicant, *given)
    db.session.expire_all()
    assert draft.answers == {str(q.id): one for q, one in given}
    assert for_reading(draft) == [("Pourquoi ?", "=1+1"), ("Combien ?", "0"), ("Où ?", "Là"), ("Déjà fait ?", "non")]
    answer(draft, w.applicant)
    assert draft.answers == {}


def test_hostile_answers_are_refused_at_their_field(w: World) -> None:
    elsewhere = world()
    foreign = add(elsewhere, "Ailleurs ?")
    text, number = add(w, "Pourquoi ?"), add(w, "Combien ?", NUMBER)
    choice, yes = add(w, "Où ?", CHOICE, choices=("Ici", "Là")), add(w, "Déjà ?", YES_NO)
    draft = complete_draft(w)
    wrong = [
        (text, 3),
        (text, "a\x00b"),
        (text, "x" * 10_001),
        (number, -1),
        (number, "3"),
        (number, 10**9),
        (choice, "Partout"),
        (choice, 1),
        (yes, "Oui"),
        (yes, "peut-être"),
    ]
    for one, said in wrong:
        with pytest.raises(DomainError) as error:
            answer(draft, w.applicant, (one, said))
        assert error.value.field == f"q{one.id}", said
    with pytest.raises(DomainError, match="ne pose pas"):
        answer(draft, w.applicant, (foreign, "moi"))
    assert draft.answers == {}


@both
def test_a_question_is_shown_and_needed_only_where_another_answer_asks_for_it(w: World) -> None:
    stay = add(w, "Forme", CHOICE, choices=("Séjour", "Sortie"))
    abroad = add(w, "À l'étranger ?", YES_NO, shown_if_id=stay.id, shown_if_answer="Séjour")
    country = add(w, "Pays", required=True, shown_if_id=abroad.id, shown_if_answer="oui")
    draft = complete_draft(w)
    assert dossier.faults(draft) == []
    answer(draft, w.applicant, (stay, "Séjour"), (abroad, "oui"))
    assert [f.field for f in dossier.faults(draft)] == [f"q{country.id}"]
    answer(draft, w.applicant, (stay, "Sortie"), (abroad, "oui"), (country, "Italie"))
    assert dossier.faults(draft) == []
    assert for_reading(draft) == [("Forme", "Sortie")]
    assert QuestionAnswers.of(draft).answers[2] == (country.id, "Italie")  # comes back with it
    assert shown([stay, abroad, country], {stay.id: "Sortie", abroad.id: "oui"}) == [stay]


def test_terms_that_make_no_sense_are_refused_at_their_field(w: World) -> None:
    elsewhere = world()
    foreign = add(elsewhere, "Ailleurs ?", YES_NO)
    free, later = add(w, "Libre"), add(w, "Oui ?", YES_NO)
    refused = [
        ("label", QuestionTerms(" \u00a0 ", TEXT)),
        ("choices", QuestionTerms("Où ?", CHOICE)),
        ("choices", QuestionTerms("Où ?", CHOICE, choices=("Ici", " Ici "))),
        ("shown_if", QuestionTerms("Si", TEXT, shown_if_id=foreign.id, shown_if_answer="oui")),
        ("shown_if", QuestionTerms("Si", TEXT, shown_if_id=free.id, shown_if_answer="x")),
        ("shown_if", QuestionTerms("Si", TEXT, shown_if_id=later.id, shown_if_answer="Oui")),
    ]
    for field, terms in refused:
        with pytest.raises(DomainError) as error:
            rules.add_question(w.campaign, terms, by=w.administrator)
        assert error.value.field == field, terms
    with pytest.raises(DomainError) as error:  # it would depend on one that comes after it
        rules.change_question(
            free, QuestionTerms("Libre", TEXT, shown_if_id=later.id, shown_if_answer="oui"), by=w.administrator
        )
    assert error.value.field == "shown_if"
    assert labels(w) == ["Libre", "Oui ?"]


@both
def test_what_dossiers_have_answered_keeps_its_meaning(w: World) -> None:
    choice = add(w, "Où ?", CHOICE, choices=("Ici", "Là"))
    depends = add(w, "Quel étage ?", shown_if_id=choice.id, shown_if_answer="Là")
    change = rules.change_question
    with pytest.raises(DomainError, match="Quel étage"):
        change(choice, QuestionTerms("Où ?", CHOICE, choices=("Ici", "Dehors")), by=w.administrator)
    draft = complete_draft(w)
    answer(draft, w.applicant, (choice, "Ici"))
    with pytest.raises(DomainError, match="déjà répondu"):
        change(choice, QuestionTerms("Où ?", CHOICE, choices=("Là", "Dehors")), by=w.administrator)
    with pytest.raises(DomainError, match="déjà répondu"):
        change(choice, QuestionTerms("Où ?", TEXT), by=w.administrator)
    change(choice, QuestionTerms("Où donc ?", CHOICE, choices=("Ici", "Là", "Dehors")), by=w.administrator)
    assert for_reading(draft) == [("Où donc ?", "Ici")]
    assert depends.shown_if_answer == "Là"


@both
def test_retired_it_is_hidden_with_its_answers(w: World) -> None:
    answered, unanswered = add(w, "Un", required=True), add(w, "Deux")
    draft = complete_draft(w)
    answer(draft, w.applicant, (answered, "x"))
    for question in (unanswered, answered):
        rules.remove_question(question, by=w.administrator)
    assert labels(w) == []
    assert for_reading(draft) == []
    assert draft.answers == {str(answered.id): "x"}
    answer(draft, w.applicant)
    assert draft.answers == {str(answered.id): "x"}  # not on the page, so not emptied by it
    dossier.submit(draft, by=w.applicant)
    assert for_reading(draft) == [("Un", "x")]  # what was deposited is still read
    rules.restore_question(answered, by=w.administrator)
    assert labels(w) == ["Un"]


@both
def test_one_that_others_depend_on_stays_before_them(w: World) -> None:
    first = add(w, "Un", YES_NO)
    second = add(w, "Deux", shown_if_id=first.id, shown_if_answer="oui")
    third = add(w, "Trois")
    for question, step in ((second, -1), (first, 1)):
        with pytest.raises(DomainError, match="dépend"):
            rules.move_question(question, step, by=w.administrator)
    with pytest.raises(DomainError, match="dépend"):
        rules.remove_question(first, by=w.administrator)
    rules.move_question(third, -1, by=w.administrator)
    rules.move_question(third, -1, by=w.administrator)
    rules.move_question(third, -1, by=w.administrator)  # the first already
    assert labels(w) == ["Trois", "Un", "Deux"]


@pytest.mark.parametrize("code", [code for code, usual in USUAL_CAMPAIGNS.items() if usual.parts.asks])
def test_every_preset_is_sound_and_is_copied_with_its_call(w: World, code: str) -> None:
    ask_usual_questions(w.campaign, code, by=w.administrator)
    copy = copy_campaign(w.campaign, 2027, by=w.administrator)
    for call in (w.campaign, copy):
        own = {f"q{q.id}" for q in call.questions}
        assert [q.label for q in call.questions] == [ask.terms.label for _, ask in USUAL_CAMPAIGNS[code].parts.asks]
        assert {q.shown_if_id for q in call.questions} <= {None, *(q.id for q in call.questions)}
        for one in criteria_of(call):
            assert one.names <= own | {"beneficiaries", "beneficiaries_qpv"}
        assert len(criteria_of(call)) == len(USUAL_CAMPAIGNS[code].parts.figures)
    with pytest.raises(DomainError, match="déjà"):
        ask_usual_questions(w.campaign, code, by=w.administrator)
    with pytest.raises(DomainError):
        ask_usual_questions(w.campaign, "VVV\x00", by=w.administrator)


def test_the_criteria_of_vvv_are_told_and_do_not_block(w: World) -> None:
    ask_usual_questions(w.campaign, "VVV", by=w.administrator)
    draft = complete_draft(w)  # 30 beneficiaries, 20 of them from the area
    by_label = {q.label: q for q in w.campaign.questions}
    given = {
        "Période de vacances": "Été",
        "Séjour ou sorties": "Sorties",
        "Jeunes de 11 à 14 ans": 20,
        "Jeunes de 15 à 18 ans": 10,
        "Nombre de filles": 12,
        "Nombre de garçons": 18,
    }
    assert [v.met for v in verdicts(draft)] == [None, None, False]
    answer(draft, w.applicant, *((by_label[label], one) for label, one in given.items()))
    assert [v.text for v in verdicts(draft)] == [
        "12 sur 30, non atteint",
        "30 sur 30, atteint",
        "20 sur 30, non atteint",
    ]
    assert missing(draft) == []
    assert dossier.submit(draft, by=w.applicant).reference


@pytest.mark.parametrize(
    ("part", "total", "met", "text"),
    [
        (15, 30, True, "15 sur 30, atteint"),
        (14, 29, False, "14 sur 29, non atteint"),
        (31, 30, False, "31 sur 30 : vérifiez ces nombres"),
        (1200, 2400, True, "1\u202f200 sur 2\u202f400, atteint"),
        (None, 30, None, "à vérifier quand ces nombres seront remplis"),
        (0, 0, None, "à vérifier quand ces nombres seront remplis"),
    ],
)
def test_a_verdict(app: Flask, part: int | None, total: int | None, met: bool, text: str) -> None:
    found = verdict(Criterion("c", ("a",), ("b",), 50), {"a": part, "b": total})
    assert (found.met, found.text) == (met, text)


@both
def test_criteria_are_set_up_and_go_with_their_question(w: World) -> None:
    girls = add(w, "Filles", NUMBER)
    text, admin = add(w, "Libre"), w.administrator
    sound = Criterion("filles", (f"q{girls.id}",), ("beneficiaries",), 50)
    add_criterion(w.campaign, sound, by=admin)
    add_criterion(w.campaign, Criterion("qpv", ("beneficiaries_qpv",), ("beneficiaries",), 80), by=admin)
    wrong = [
        ("label", Criterion("filles", ("beneficiaries",), ("beneficiaries",), 50)),
        ("label", Criterion("", ("beneficiaries",), ("beneficiaries",), 50)),
        ("percent", Criterion("x", ("beneficiaries",), ("beneficiaries",), 0)),
        ("part", Criterion("x", (f"q{text.id}",), ("beneficiaries",), 50)),
        ("total", Criterion("x", ("beneficiaries",), (), 50)),
    ]
    for field, criterion in wrong:
        with pytest.raises(DomainError) as error:
            add_criterion(w.campaign, criterion, by=admin)
        assert error.value.field == field
    assert criteria_of(w.campaign)[0] == sound
    rules.remove_question(girls, by=admin)
    assert [one.label for one in criteria_of(w.campaign)] == ["qpv"]
    archive_criterion(w.campaign, "qpv", True, by=admin)
    assert criteria_of(w.campaign) == []
    rules.restore_question(girls, by=admin)
    archive_criterion(w.campaign, "qpv", False, by=admin)
    assert [one.label for one in criteria_of(w.campaign)] == ["filles", "qpv"]
    told = db.session.query(HistoryEntry).filter_by(field="criteria").count()
    assert told == 4


def test_criteria_that_are_not_told_keep_neither_name_nor_place(w: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(criteria, "MOST_CRITERIA", 2)
    girls, admin = add(w, "Filles", NUMBER), w.administrator
    for label in ("filles", "autant"):
        add_criterion(w.campaign, Criterion(label, (f"q{girls.id}",), ("beneficiaries",), 50), by=admin)
    rules.remove_question(girls, by=admin)
    for label in ("filles", "qpv"):
        add_criterion(w.campaign, Criterion(label, ("beneficiaries_qpv",), ("beneficiaries",), 80), by=admin)
    assert [one.label for one in criteria_of(w.campaign)] == ["filles", "qpv"]
    with pytest.raises(DomainError, match="2 critères au plus"), db.session.begin_nested():
        rules.restore_question(girls, by=admin)
    archive_criterion(w.campaign, "qpv", True, by=admin)
    with pytest.raises(DomainError, match="Remettez d'abord"), db.session.begin_nested():
        archive_criterion(w.campaign, "autant", False, by=admin)
    rules.restore_question(girls, by=admin)
    with pytest.raises(DomainError, match="2 critères au plus"), db.session.begin_nested():
        archive_criterion(w.campaign, "qpv", False, by=admin)


def test_one_question_too_many_is_not_put_back(w: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_QUESTIONS", 1)
    first = add(w, "Un")
    rules.remove_question(first, by=w.administrator)
    add(w, "Deux")
    with pytest.raises(DomainError, match="1 questions au plus"):
        rules.restore_question(first, by=w.administrator)


def test_a_preset_comes_again_once_its_questions_are_removed(w: World) -> None:
    for _ in range(2):
        for question in reversed(rules.asked_questions(w.campaign.questions)):
            rules.remove_question(question, by=w.administrator)
        ask_usual_questions(w.campaign, "VVV", by=w.administrator)
    assert len(criteria_of(w.campaign)) == len(USUAL_CAMPAIGNS["VVV"].parts.figures)
