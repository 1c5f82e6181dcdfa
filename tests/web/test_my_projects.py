"""« Mes projets » by what is due: what to do first, what goes on, what is over."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.dossier import correction, deposit
from grants.domain.workflow import advance
from grants.french import today
from grants.models import FundingLine, MemberRole, Outcome, Project, State, now
from grants.web.applicant import due
from tests import acts
from tests.conftest import SignIn, both
from tests.factories import World, campaign, member, project
from tests.web.dossiers import draft_of
from tests.web.test_sheet import plain

ROW = re.compile(r'<li(?: class="(late)")?>\s*<div>\s*<h3><a[^>]*>([^<]*)</a></h3>(.*?)</li>', re.DOTALL)
BUTTON = re.compile(r'<(?:a class="btn[^>]*|button class="btn btn-sm")>([^<]*)<')


def rows(page: str) -> dict[str, list[tuple[str, str]]]:
    """By heading, titles and buttons in their order ("!": late, or soon)."""
    found = {}
    for section in re.split(r"<h2[^>]*>", plain(page))[1:]:
        found[section.partition("<")[0]] = each = []
        for late, title, rest in ROW.findall(section):
            button = BUTTON.search(rest)
            each.append((title, (button[1] if button else "") + ("!" if late else "")))
    return found


def totals(page: str) -> dict[str, list[str]]:
    """Of the years that are folded: dossiers, asked, granted."""
    page = page.replace("\u202f", " ").replace("\u00a0", " ")
    found = re.findall(r'<strong>(\d+)</strong>\s*<span class="small">([^<]*)<', page)
    return {
        year: [" ".join(part.split()[:-1]) if "€" in part else part for part in re.split(r",\s+", told)]
        for year, told in found
    }


def accept(of: Project, w: World, amount: int) -> None:
    acts.decide(of, w.cget, Decision(Outcome.ACCEPTED, amount=Decimal(amount)), by=w.state_instructor)
    acts.notify(of, w.cget, "A1", date(2026, 3, 1), by=w.state_instructor)


def of_last_year(w: World, **granted: int) -> None:
    """Told long ago: no entry of history speaks of it."""
    by = w.state_instructor.id
    call = campaign(w.contract, [w.cget], year=2025, open_now=False)
    for title, amount in granted.items():
        old = project(call, w.applicant, bearer=w.bearer, title=title, requested={w.cget: 5000}, state=State.CLOSED)
        line = db.session.query(FundingLine).filter_by(project_id=old.id).one()
        line.outcome, line.granted, line.decided_by_id, line.decided_at = Outcome.ACCEPTED, Decimal(amount), by, now()
        line.notified_at, line.act_number, line.act_date = now(), "A1", date(2025, 3, 1)


@both
def test_what_is_due_first_stands_first(w: World, sign_in: SignIn) -> None:
    draft_of(w, title="Brouillon")
    w.project(title="Pièces", state=State.INCOMPLETE).pieces_due_on = today() + timedelta(days=6)
    w.project(title="En retard", state=State.INCOMPLETE).pieces_due_on = today() - timedelta(days=1)
    w.project(title="Déposé", state=State.SUBMITTED)
    w.project(title="Retiré", state=State.WITHDRAWN)
    asked, refused = w.project(title="Examiné"), w.project(title="Refusé", state=State.SUBMITTED)
    accept(asked, w, 4000)
    advance(refused, "refuse", by=w.coordinator, reason="Hors du quartier")
    of_last_year(w, Chorale=3000, Jardin=1500)
    db.session.commit()
    client = sign_in(w.applicant)
    page = client.get("/mes-projets").text
    found = rows(page)
    assert found["À faire"] == [
        ("En retard", "Envoyer les pièces!"),
        ("Pièces", "Envoyer les pièces!"),
        ("Brouillon", "Continuer"),
        ("Refusé", "Lire"),
        ("Examiné", "Lire"),
        ("Jardin", "Reconduire"),
        ("Chorale", "Reconduire"),
    ]
    assert found["En cours"] == [("Déposé", "")]
    page = plain(page)
    assert "Irrecevable : Hors du quartier" in page
    assert "(en retard)" in page
    assert "(encore 6 jours)" in page
    assert totals(page) == {"2026": ["1 dossier", "8 000 €", "0 €"], "2025": ["2 dossiers", "10 000 €", "4 500 €"]}


def test_what_was_read_a_month_ago_goes_on(w: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, whole = w.project(title="Attend"), w.project(title="Répondu", requested={w.cget: 5000})
    for each in (asked, whole):
        accept(each, w, 4000)
    db.session.commit()
    monkeypatch.setattr(due, "LATELY", timedelta(0))
    page = sign_in(w.applicant).get("/mes-projets").text
    assert rows(page)["À faire"] == []
    assert "Rien à faire pour l'instant." in page
    assert rows(page)["En cours"] == [("Attend", "")]
    assert totals(page) == {"2026": ["1 dossier", "5 000 €", "4 000 €"]}


def test_what_was_told_and_taken_back_is_not_to_be_read(w: World, sign_in: SignIn) -> None:
    again, revised = w.project(title="Rouvert", state=State.SUBMITTED), w.project(title="Révisé")
    advance(again, "refuse", by=w.coordinator, reason="Hors du quartier")
    advance(again, "reopen", by=w.coordinator, reason="Erreur")
    accept(revised, w, 400)
    less = Decision(Outcome.ACCEPTED, amount=Decimal(300), revision_reason="Moins")
    acts.decide(revised, w.cget, less, by=w.state_instructor)
    db.session.commit()
    found = rows(sign_in(w.applicant).get("/mes-projets").text)
    assert found["À faire"] == []
    assert sorted(found["En cours"]) == [("Rouvert", ""), ("Révisé", "")]


def test_a_signature_is_asked_of_who_signs(w: World, sign_in: SignIn) -> None:
    editor = member(w.bearer, MemberRole.EDITOR)
    draft = draft_of(w, title="Chorale", by=w.applicant)
    deposit.ask_signature(draft, by=editor)
    db.session.commit()
    page = sign_in(w.applicant).get("/mes-projets").text
    assert rows(page)["À faire"] == [("Chorale", "Signer et déposer")]
    assert f"Signature demandée par {editor.name}" in page
    assert f'href="/mes-projets/{draft.id}/deposer"' in page
    page = sign_in(editor).get("/mes-projets").text
    assert rows(page) | {"À faire": []} == rows(page)
    assert rows(page)["En cours"] == [("Chorale", "")]
    assert f"Signature demandée par {editor.name}" in page


def test_a_draft_too_late_is_over(w: World, sign_in: SignIn) -> None:
    draft_of(w, title="Chorale")
    w.campaign.closes_at = now() - timedelta(days=1)
    db.session.commit()
    page = sign_in(w.applicant).get("/mes-projets").text
    assert rows(page).keys() == {"À faire", "Terminé", "Commencer un dossier", "Besoin d'aide ?"}
    assert "ce brouillon ne peut plus être déposé" in page


def test_many_renewals_are_folded(w: World, sign_in: SignIn) -> None:
    of_last_year(w, A=1, B=2, C=3, D=4)
    db.session.commit()
    page = plain(sign_in(w.applicant).get("/mes-projets").text)
    assert "<summary>4 actions peuvent être reconduites</summary>" in page
    assert page.count("Reconduire<") == 4


def test_a_correction_is_one_row_with_what_it_corrects(w: World, sign_in: SignIn) -> None:
    sent = draft_of(w, title="Chorale")
    deposit.submit(sent, by=w.applicant)
    copy = correction.begin(sent, by=w.applicant)
    db.session.commit()
    page = sign_in(w.applicant).get("/mes-projets").text
    assert rows(page)["À faire"] == [("Chorale", "Continuer la correction")]
    assert f'href="/mes-projets/{copy.id}">Continuer' in page


def test_a_correction_after_the_closing_is_not_late(w: World, sign_in: SignIn) -> None:
    w.campaign.correct_until_examined = True
    sent = draft_of(w, title="Chorale")
    deposit.submit(sent, by=w.applicant)
    correction.begin(sent, by=w.applicant)
    w.campaign.closes_at = now() - timedelta(days=3)
    db.session.commit()
    page = sign_in(w.applicant).get("/mes-projets").text
    assert rows(page)["À faire"] == [("Chorale", "Continuer la correction")]
    assert "en retard" not in page
