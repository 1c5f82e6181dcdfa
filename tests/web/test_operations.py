"""« Mes dernières opérations », and undoing from a page and from a script."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.instruction import follower, lineage, piece_request
from grants.domain.instruction.piece_request import PiecesWanted
from grants.domain.ledger.operation import operation
from grants.domain.programming.version import validate
from grants.domain.workflow import advance
from grants.french import today
from grants.models import HistoryEntry, Operation, Outcome, PieceRequest, State, User
from tests import acts
from tests.conftest import SignIn, both
from tests.factories import World, campaign, project, world
from tests.web.reading import plain


def proposed(w: World, amount: int = 900) -> int:
    by = w.state_instructor
    with operation(w.contract.id, "propose", by=by) as made:
        acts.propose(w.projects[0], w.cget, Decimal(amount), by=by)
    db.session.commit()
    return made.id


def undo_at(w: World, operation_id: int) -> str:
    return f"/contrats/{w.contract.slug}/operations/{operation_id}/annuler"


def test_the_page_lists_mine_and_undoes(app: Flask, sign_in: SignIn) -> None:
    w = world()
    p = w.project()
    client, made = sign_in(w.state_instructor), proposed(w)
    page = client.get(f"/contrats/{w.contract.slug}/operations")
    assert undo_at(w, made) in page.text
    assert "Proposition" in page.text
    assert f"{p.title}</a> (CGET, 900 €)" in plain(page.text)
    others = sign_in(w.city_instructor).get(f"/contrats/{w.contract.slug}/operations")
    assert undo_at(w, made) not in others.text
    back = client.post(undo_at(w, made), headers={"Referer": "http://localhost/contrats/x/liste?a=1"})
    assert back.location == "/contrats/x/liste?a=1"
    assert acts.find(p, w.cget).proposed is None
    again = client.post(undo_at(w, made), headers={"Referer": "http://evil.example/contrats/"})
    assert again.location == f"/contrats/{w.contract.slug}/operations"
    assert "déjà annulée" in client.get(again.location).text


def test_no_button_where_it_changed_since_and_one_again_where_that_is_undone(app: Flask, sign_in: SignIn) -> None:
    """Issue 8: what was notified, decided on or moved on since had a button that only refuses."""
    w = world()
    _proposed, other, waits = w.project(), w.project(), w.project(state=State.SUBMITTED)
    with operation(w.contract.id, "admit", by=w.coordinator) as admitted:
        advance(waits, "admit", by=w.coordinator)
    first, second = proposed(w), proposed(w, 800)
    with operation(w.contract.id, "decide", by=w.state_instructor) as decided:
        acts.decide(other, w.cget, Decision(Outcome.ACCEPTED, Decimal(500)), by=w.state_instructor)
    db.session.commit()
    address = f"/contrats/{w.contract.slug}/operations"

    def offered(by: User) -> list[int]:
        return [int(id) for id in re.findall(r"operations/(\d+)/annuler", sign_in(by).get(address).text)]

    assert offered(w.state_instructor) == [decided.id, second]
    assert offered(w.coordinator) == [admitted.id]
    acts.notify(other, w.cget, "A1", today(), by=w.state_instructor)
    advance(waits, "withdraw", by=w.coordinator, reason="Sur demande")
    db.session.commit()
    assert offered(w.coordinator) == []
    assert offered(w.state_instructor) == [second]
    assert "changé depuis (notifié)" in plain(sign_in(w.state_instructor).get(address).text)
    sign_in(w.state_instructor).post(undo_at(w, second))
    assert first in offered(w.state_instructor)


@pytest.mark.slow
@both
def test_no_button_where_others_follow_it_or_it_was_worked_on(app: Flask, sign_in: SignIn) -> None:
    """Issue 8: each of these had a button that only refused."""
    w = world()
    followed, linked, admitted, asked = (w.project(state=State.SUBMITTED) for _ in range(4))
    earlier = project(campaign(w.contract, [w.cget], year=2025), w.applicant)
    by, deeds, address = w.coordinator, list[int](), f"/contrats/{w.contract.slug}/operations"
    wanted = PiecesWanted(("RIB",), today() + timedelta(days=9))
    for step in (
        lambda: follower.follow([followed], w.city_instructor, by=by),
        lambda: lineage.link_many(w.contract, {linked.id: earlier.id}, by=by),
        lambda: advance(admitted, "admit", by=by),
        lambda: piece_request.ask(asked, wanted, by=by),
    ):
        with operation(w.contract.id, "test", by=by) as made:
            step()
        deeds.append(made.id)
    db.session.commit()

    def offered() -> list[int]:
        return sorted(int(id) for id in re.findall(r"operations/(\d+)/annuler", sign_in(by).get(address).text))

    assert offered() == deeds
    follower.unfollow([followed], w.city_instructor, by=by)
    lineage.set_predecessors(linked, (), by=by)
    acts.propose(admitted, w.cget, Decimal(5), by=w.state_instructor)
    piece_request.explain(asked, {f"item_{db.session.query(PieceRequest).one().items[0].id}": "Perdu"}, by=w.applicant)
    db.session.commit()
    assert offered() == []
    page = plain(sign_in(by).get(address).text)
    for why in ("la répartition", "la filiation", "des montants", "le porteur a répondu"):
        assert f"changé depuis ({why}" in page
    client = sign_in(by)
    for deed in deeds:
        assert "Rien n&#39;a été annulé" in client.post(undo_at(w, deed), follow_redirects=True).text


def test_what_was_imported_is_not_undone_and_the_page_says_what_to_do(app: Flask, sign_in: SignIn) -> None:
    w, words = world(), "Une reprise de fichiers ne s'annule pas"
    address, client = f"/contrats/{w.contract.slug}/operations", sign_in(w.coordinator)
    db.session.commit()
    assert words not in plain(client.get(address).text)
    db.session.add(Operation(contract_id=w.contract.id, kind="import", by_id=w.coordinator.id))
    db.session.commit()
    page = plain(client.get(address).text)
    assert words in page
    assert "restaure la sauvegarde d'avant" in page


def test_a_script_is_told_which_lines_changed(app: Flask, sign_in: SignIn) -> None:
    w, elsewhere = world(), world()
    p = w.project()
    client, made = sign_in(w.state_instructor), proposed(w)
    wants = {"Accept": "application/json"}
    assert client.post(undo_at(elsewhere, made), headers=wants).status_code == 404
    assert sign_in(w.city_instructor).post(undo_at(w, made), headers=wants).status_code == 403
    told = client.post(undo_at(w, made), headers=wants)
    assert told.json["cells"] == [{"project_id": p.id, "funder_id": w.cget.id}]
    assert client.post(undo_at(w, made), headers=wants).status_code == 409
    again = client.post(undo_at(w, told.json["operation"]), headers=wants)
    assert again.status_code == 200
    assert acts.find(p, w.cget).proposed == 900
    validate(w.campaign, by=w.coordinator)
    db.session.commit()
    last = undo_at(w, again.json["operation"])
    assert client.post(last, headers=wants).json["field"] == "reason"
    assert client.post(last, headers=wants, data={"reason": "Erreur"}).status_code == 200


def test_undoing_in_a_validated_programming_has_a_field_for_the_reason(app: Flask, sign_in: SignIn) -> None:
    w = world()
    p, elsewhere = w.project(requested={w.cget: 500}), w.project()
    validate(w.campaign, by=w.coordinator)
    db.session.commit()
    client = sign_in(w.state_instructor)
    many = f"/contrats/{w.contract.slug}/2026/plusieurs"
    propose = f"{many}?quoi=proposer-{w.cget.id}&lot=coches&projet={p.id}"
    version = acts.find(p, w.cget).version
    told = client.post(
        propose,
        data={"chosen": f"{p.id}:{version}", "projet": p.id, "revision_reason": "Comité"},
        follow_redirects=True,
    ).text
    notice = told.partition('class="notice notice-success"')[2].partition("</div>")[0]
    assert 'name="reason"' in notice
    undo = re.search(r'action="([^"]*/annuler)"', notice)[1]
    refused = client.post(undo, headers={"Referer": "http://localhost/contrats/x"})
    page = refused.text
    assert (refused.status_code, "indiquez pourquoi" in page) == (422, True)
    long = client.post(undo, data={"reason": "é" * 5001})
    assert (long.status_code, "il y en a 5001" in long.text) == (422, True)
    assert "é" * 5001 in long.text
    assert 'name="reason"' in page.partition(undo)[2].partition("</form>")[0]
    assert client.post(undo, data={"reason": "Erreur"}).status_code == 302
    assert acts.find(p, w.cget).proposed is None
    # Who follows a dossier is no amount.
    follow = f"{many}?quoi=confier-{w.city_instructor.id}&lot=coches&projet={elsewhere.id}"
    told = client.post(
        follow, data={"chosen": f"{elsewhere.id}:{elsewhere.version}", "projet": elsewhere.id}, follow_redirects=True
    ).text
    assert "/annuler" in told
    assert 'name="reason"' not in told


def test_a_decision_by_the_form_is_undone_as_one_by_the_grid(app: Flask, sign_in) -> None:
    """Issue 9, point 1."""
    w = world()
    p = w.project(requested={w.ville: 100})
    db.session.commit()
    client, here = sign_in(w.state_instructor), f"/projets/{p.id}/financeurs/{w.cget.id}"
    client.post(f"{here}/ouverture", data={"raised_reason": "Report du PRE"})
    form = client.post(here, data={"version": 1, "choice": "ACCEPTED", "granted": "500"}, follow_redirects=True).text
    undo = re.search(rf'action="(/contrats/{w.contract.slug}/operations/\d+/annuler)"', form)[1]
    assert acts.find(p, w.cget).granted == 500
    assert client.post(undo).status_code == 302
    db.session.rollback()
    assert acts.find(p, w.cget).granted is None
    opened, _decided, _undone = db.session.scalars(select(Operation).order_by(Operation.id))
    client.post(f"/contrats/{w.contract.slug}/operations/{opened.id}/annuler")
    db.session.rollback()
    assert acts.find(p, w.cget) is None
    written = select(HistoryEntry.operation_id).filter_by(subject="funding_lines")
    assert all(db.session.scalars(written))
