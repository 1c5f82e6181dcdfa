"""One's own column of the grid as a plain form, for whoever has no script."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from grants.database import db
from grants.models import FundingLine, Project
from tests.factories import world
from tests.web.grid import address, line_of
from tests.web.reading import plain


@pytest.mark.slow
def test_a_column_without_script(app: Flask, sign_in) -> None:
    w = world(envelope=6000)
    p, q, r = w.project(), w.project(), w.project()
    closed = w.project(state="SUBMITTED")
    db.session.commit()
    client, page = sign_in(w.state_instructor), address(w, f"/{w.cget.id}?mots=Action")
    assert f'href="{address(w, f"/{w.cget.id}")}"' in client.get(address(w)).text
    text = client.get(page).text
    assert f'name="a-{p.id}"' in text
    assert f'name="a-{closed.id}"' not in text
    seen = {f"v-{one.id}": 1 for one in (p, q, r)}

    def sent(*typed: tuple[str, Project, str], **why: str):
        amounts = {f"{column}-{of.id}": text for column, of, text in typed}
        return client.post(page, data=seen | amounts | why)

    wrong = sent(("p", p, "12 OOO"), ("a", q, "3 000"))
    assert wrong.status_code == 422
    assert 'value="12 OOO"' in wrong.text
    assert 'value="3 000"' in wrong.text
    assert f'href="#p-{p.id}"' in wrong.text
    too_much = sent(*(("a", one, "2500") for one in (p, q, r)))
    assert too_much.status_code == 422
    assert "L'enveloppe serait dépassée" in plain(too_much.text)
    assert db.session.scalar(select(func.count()).where(FundingLine.granted.is_not(None))) == 0
    more = sent(("a", p, "5500"))
    assert 'href="#raised_reason"' in more.text
    good = sent(("p", p, "1 000"), ("a", p, "900"), ("a", q, "2500"))
    assert good.location == page
    line = line_of(p, w.cget)
    assert (line.proposed, line.granted) == (1000, 900)
    late = sent(("a", p, "800"))
    assert late.status_code == 422
    assert "a changé entre-temps" in late.text
    seen[f"v-{p.id}"] = line_of(p, w.cget).version
    assert 'href="#revision_reason"' in sent(("a", p, "800")).text
    of_p = db.session.get_one(FundingLine, line_of(p, w.cget).id)
    of_p.condition = "Un bilan"
    db.session.commit()
    seen[f"v-{p.id}"] = line_of(p, w.cget).version
    assert "Condition, qui reste si le montant change : Un bilan" in plain(client.get(page).text)
    assert sent(("a", p, "800"), revision_reason="Erreur").status_code == 302
    assert line_of(p, w.cget).condition == "Un bilan"
    same = client.get(page).text
    assert "accordé 3 300 €, reste" in plain(same)
    assert 'value="800"' in same
    assert sign_in(w.city_instructor).get(page).status_code == 403
    assert client.get(address(w, "/999999")).status_code == 404


def test_its_headings_are_the_grid_s_and_what_is_sent_reads_one_column(app: Flask, sign_in) -> None:
    w = world()
    p, other = w.project(), w.project()
    other.theme_id = next(t.id for t in w.contract.themes if t.number and t.id != p.theme_id)
    db.session.commit()
    client, page = sign_in(w.state_instructor), address(w, f"/{w.cget.id}")
    text, grid = client.get(page).text, client.get(address(w)).text
    said = re.findall(r'<th scope="rowgroup" colspan="5">(.+?)</th>', text)
    assert said == re.findall(r'<th scope="row"><b>(.+?) \(\d+\)</b>', grid)
    assert len(said) > 2  # a pillar, perhaps axes, and two orientations
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    sent = {f"v-{p.id}": "1", f"p-{p.id}": "1 000"}
    assert client.post(page, data=sent).location == page
    assert not any("FROM opinions" in sql or "FROM themes" in sql for sql in asked)
