"""What a bearer asked for and was granted, year by year."""

from __future__ import annotations

from decimal import Decimal

from flask import Flask
from sqlalchemy import event

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.workflow import advance
from grants.models import Envelope, Outcome, Role
from grants.queries.figures import Gap
from grants.queries.sheet.bearer_years import bearer_years
from tests import acts
from tests.conftest import both
from tests.factories import campaign, grant_role, organisation, project, two_communes, user, world
from tests.web.reading import plain


@both
def test_by_year_and_institution_with_their_sum(app: Flask) -> None:
    w = world()
    last_year = campaign(w.contract, [w.cget], year=2025)
    granted, refused, gone = (w.project(requested={w.cget: 4000, w.ville: 3000}) for _ in range(3))
    w.project(bearer=organisation())
    project(last_year, w.applicant, requested={w.cget: 1000}, bearer=w.bearer)
    acts.decide(granted, w.cget, Decision(Outcome.ACCEPTED, amount=Decimal(2500)), by=w.state_instructor)
    for each in (granted, refused):
        no = Decision(Outcome.REJECTED, reason="Hors sujet")
        acts.decide(each, w.ville, no, by=w.city_instructor)
    acts.decide(gone, w.cget, Decision(Outcome.ACCEPTED, amount=Decimal(4000)), by=w.state_instructor)
    advance(gone, "withdraw", by=w.applicant, reason="Dissoute")
    db.session.commit()
    bearer, contract = w.bearer.id, w.contract.id
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    found = [(x.year, x.institution, x.requested, x.granted) for x in bearer_years(bearer, contract)]
    assert len([query for query in asked if query.startswith("SELECT")]) == 1
    state, city = w.cget.institution.label, w.ville.institution.label
    assert found == [
        (2026, state, 8000, 2500),
        (2026, city, 6000, 0),
        (2026, None, 14_000, 2500),
        (2025, state, 1000, Gap.NOTHING),
    ]


def test_the_bearers_page_shows_them(app: Flask, sign_in) -> None:
    w = world()
    of = w.project(requested={w.cget: 4000})
    db.session.commit()
    page = plain(sign_in(w.coordinator).get(f"/projets/{of.id}/porteur").text)
    row = page.partition("<tbody>")[2].partition("</tr>")[0]
    assert f"<td>{w.cget.institution.label}</td>" in row
    assert row.count('<td class="number">4 000 €</td>') == row.count('<td class="number">–</td>') == 1
    assert 'class="bar-all" width="100.00%"' in row


def test_the_page_lists_its_dossiers_and_says_where_an_agreement_is_due(app: Flask, sign_in) -> None:
    """What is of another commune stands there by its number and state alone."""
    w = world()
    metz, woippy = two_communes(w.contract)
    mine, other = (w.project(requested={w.cget: 30_000}, total_cost=60_000) for _ in range(2))
    mine.commune_id, other.commune_id = metz.id, woippy.id
    mine.title, other.title = "Mon action", "Ailleurs"
    [link] = [link for link in w.campaign.funders if link.funder_id == w.cget.id]
    db.session.get_one(Envelope, link.envelope_id).amount = Decimal(90_000)
    acts.decide(mine, w.cget, Decision(Outcome.ACCEPTED, amount=Decimal(23_001)), by=w.state_instructor)
    own = grant_role(user(), Role.COORDINATOR, w.contract, commune=metz)
    db.session.commit()
    for person, titles in ((w.coordinator, {"Mon action", "Ailleurs"}), (own, {"Mon action"})):
        page = plain(sign_in(person).get(f"/projets/{mine.id}/porteur").text)
        assert {title for title in ("Mon action", "Ailleurs") if f">{title}</a>" in page} == titles
        assert other.reference in page
        assert page.count("convention obligatoire") == 1
