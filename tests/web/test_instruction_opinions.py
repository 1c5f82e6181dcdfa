"""Opinions through the pages: whose, said once, and not on what is over."""

from __future__ import annotations

import re
from decimal import Decimal

from flask import Flask
from sqlalchemy import func, select

from grants.database import db
from grants.french import euros
from grants.models import FundingLine, Opinion, Outcome, State, now
from tests.conftest import both
from tests.factories import campaign, project, world


def test_a_committee_member_gives_an_opinion_but_does_not_instruct(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    db.session.commit()
    client, url = sign_in(w.committee), f"/projets/{p.id}/avis"
    assert client.get(f"/projets/{p.id}").status_code == 403
    assert "Instructeur" not in client.get(url).text
    forged = client.post(url, data={"body": "Instructeur", "judgement": "FAVOURABLE"})
    assert forged.status_code == 422
    said = {"body": "Comité technique", "judgement": "RESERVED", "remark": ""}
    assert "quelques mots" in client.post(url, data=said).text
    assert client.post(url, data=said | {"remark": "Budget à revoir"}).status_code == 302
    assert "Budget à revoir" in client.get(url).text
    assert "Budget à revoir" in sign_in(w.coordinator).get(f"/projets/{p.id}").text


def test_a_funder_that_gave_last_year_has_no_line_this_year(app: Flask, sign_in) -> None:
    w = world()
    last_year = campaign(w.contract, [w.cget], year=2025, open_now=False)
    old = project(last_year, w.applicant, bearer=w.bearer, requested={w.cget: 2000})
    line = db.session.scalars(select(FundingLine).filter_by(project_id=old.id)).one()
    line.outcome, line.granted = Outcome.ACCEPTED, Decimal(2000)
    line.decided_by_id, line.decided_at = w.state_instructor.id, now()
    new = w.project(requested={w.ville: 500})
    new.predecessor_id = old.id
    db.session.commit()
    page = sign_in(w.committee).get(f"/projets/{new.id}/avis")
    assert page.status_code == 200
    assert f'{euros(Decimal(2000))}</td>\n    <td class="number" data-head="Demandé">–</td>' in page.text


@both
def test_the_same_opinion_is_not_given_twice_nor_on_what_is_over(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    db.session.commit()
    client, url = sign_in(w.committee), f"/projets/{p.id}/avis"
    said = {"body": "Comité technique", "judgement": "RESERVED", "remark": "Budget"}

    def given(data: dict[str, str]) -> int:
        return client.post(url, data=data).status_code

    assert given(said) == 302
    assert "Vous avez déjà donné cet avis" in client.post(url, data=said).text
    assert given(said | {"body": "Conseil citoyen"}) == 302
    assert given(said | {"judgement": "FAVOURABLE", "remark": ""}) == 302
    assert given(said) == 302  # thought again
    sheet = sign_in(w.coordinator)
    assert "Donner un avis" in sheet.get(f"/projets/{p.id}").text
    for over in (State.WITHDRAWN, State.CLOSED):
        p.state = over
        db.session.commit()
        assert "plus d'avis" in client.post(url, data=said | {"remark": "x"}).text.replace("&#39;", "'")
        assert "Donner un avis" not in client.get(url).text
        assert "Donner un avis" not in sheet.get(f"/projets/{p.id}").text
    assert db.session.scalar(select(func.count(Opinion.id))) == 4


def test_the_page_of_opinions_tells_a_refusal_under_its_own_name_of_the_menu(app: Flask, sign_in) -> None:
    w = world()
    p = w.project(requested={w.cget: 500, w.ville: 300})
    line = db.session.scalars(select(FundingLine).filter_by(project_id=p.id, funder_id=w.cget.id)).one()
    line.outcome, line.reason, line.notified_at = Outcome.REJECTED, "Hors critères", now()
    line.decided_by_id, line.decided_at = w.state_instructor.id, now()
    line.act_number, line.act_date = "2026-1", now().date()
    db.session.commit()
    for reader, named in ((w.committee, "Avis à donner"), (w.state_instructor, "Projets")):
        page = sign_in(reader).get(f"/projets/{p.id}/avis").text
        assert page.count(">refusé<") == page.count(">notifié<") == 1
        assert re.search(r'aria-current="page">([^<]*)', page)[1].replace("&#39;", "'") == named
