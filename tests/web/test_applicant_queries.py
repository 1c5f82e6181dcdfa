"""An applicant's pages take as many queries for one dossier as for many."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import event, update

from grants.database import db
from grants.models import CampaignFunder, Contract, FundingLine, Project
from tests.conftest import SignIn, both
from tests.factories import World, institution, organisation, world
from tests.web.dossiers import draft_of, fields_of


@pytest.fixture
def counted(app: Flask) -> Callable[[], list[str]]:
    """From each call on, the statements asked of the database (by a session that knows nothing
    yet, as a request's is)."""
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))

    def begin() -> list[str]:
        db.session.remove()
        statements.clear()
        return statements

    return begin


@both
def test_depositing_takes_few_queries(app: Flask, sign_in: SignIn, counted: Callable[[], list[str]]) -> None:
    w = world()
    project = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}/deposer"
    sent = fields_of(client, path)
    statements = counted()
    assert client.post(path, data=sent).status_code == 302
    assert len(statements) <= 22, statements


def test_the_list_takes_the_same_queries_for_one_dossier_or_many(
    w: World, sign_in: SignIn, counted: Callable[[], list[str]]
) -> None:
    client, counts = sign_in(w.applicant), []
    others = [w.project().id for _ in range(8)] + [draft_of(w).id]
    client.get("/mes-projets")  # what a process reads once
    statements = counted()
    client.get("/mes-projets")
    counts.append(len(statements))
    first = db.session.get_one(Project, others[0])
    db.session.execute(update(Project).where(Project.id != first.id).values(organisation_id=organisation().id))
    db.session.commit()
    statements = counted()
    assert client.get("/mes-projets").text.count('<h3><a href="/mes-projets/') == 1
    counts.append(len(statements))
    assert counts[0] == counts[1] <= 9


@pytest.mark.parametrize(
    "page",
    ["/deposer/{call}", "/mes-projets/{draft}/deposer", "/mes-projets/{deposited}", "/mes-projets/{deposited}/accuse"],
)
def test_a_page_takes_the_same_queries_for_three_funders_or_nine(
    w: World, sign_in: SignIn, counted: Callable[[], list[str]], page: str
) -> None:
    client, call, contract = sign_in(w.applicant), w.campaign.id, w.contract.id
    deposited, draft = w.project().id, draft_of(w).id
    url = page.format(call=call, draft=draft, deposited=deposited)

    def queries() -> int:
        statements = counted()
        assert client.get(url).status_code == 200
        return len(statements)

    client.get(url)  # what a process reads once
    few = queries()
    for number in range(6):
        of = db.session.get_one(Contract, contract)
        (funder,) = institution(of, f"I{number}", f"C{number}").funders
        db.session.add(CampaignFunder(campaign_id=call, funder=funder, position=9 + number))
        for project in (deposited, draft):
            db.session.add(FundingLine(project_id=project, campaign_id=call, funder=funder, requested=Decimal(1)))
    db.session.commit()
    assert queries() == few
