"""« Prêt à ouvrir ? »: each thing that is missing, until nothing is."""

from __future__ import annotations

from dataclasses import asdict

from flask import Flask, url_for
from sqlalchemy import event

from grants.database import db
from grants.domain.contract.identity import stored
from grants.domain.contract.notices import WANTED, Notices
from grants.french import today
from grants.models import CampaignFunder, CampaignPiece, Provenance, SiteIdentity
from grants.queries.administration.opening import (
    CALL,
    ENVELOPES,
    IDENTITY,
    NOTICES,
    PARTNERS,
    PEOPLE,
    by_step,
    following,
    lacks,
)
from tests.conftest import both
from tests.factories import World, campaign, contract, project, world


def told() -> list[str]:
    return [lack.words for lack in lacks(stored(), sends=True, scans=True)]


def ready(w: World) -> None:
    notices = dict.fromkeys(asdict(Notices()), "x")
    texts = dict.fromkeys(("name", "service", "accent", "address", "phone", "email", "website"), "x")
    db.session.add(SiteIdentity(id=1, notices=notices, **texts))
    db.session.add(CampaignPiece(campaign_id=w.campaign.id, label="RIB", position=1))
    w.region.outside = True
    db.session.commit()


@both
def test_nothing_is_missing_of_what_is_ready(app: Flask) -> None:
    w = world()
    ready(w)
    assert told() == []
    project(campaign(w.contract, [w.cget], year=2020, open_now=False), w.applicant)  # over: it lacks nothing
    imported = campaign(w.contract, [], year=2021)
    imported.opened_at = None  # with dates, and past all the same
    project(imported, w.applicant).provenance = Provenance.IMPORTED
    db.session.commit()
    assert told() == []
    words = [lack.words for lack in lacks(stored(), sends=False, scans=False)]
    assert [each[:14] for each in words] == ["Aucun serveur ", "Aucun antiviru"]
    w.applicant.email_confirmed_at = None  # as who has just opened an account
    db.session.commit()
    assert "1 personne sans le lien" in "".join(lack.words for lack in lacks(stored(), sends=False, scans=True))
    assert told() == []


@both
def test_each_thing_that_is_missing_is_said(app: Flask) -> None:
    w = world()
    ready(w)
    identity = stored()
    identity.phone, identity.notices = "", identity.notices | {"host": ""}
    label = w.campaign.label
    db.session.query(CampaignPiece).delete()
    db.session.query(CampaignFunder).filter_by(funder_id=w.cget.id).update({"envelope_id": None})
    w.region.outside = False
    w.coordinator.active = False
    w.city_instructor.email_confirmed_at = None
    prepared, other = campaign(w.contract, [], year=2027), contract()
    prepared.opens_at = prepared.closes_at = prepared.opened_at = None
    db.session.commit()
    assert sorted(told()) == sorted(
        [
            f"Identité de la commune : {WANTED['phone']}",
            f"Pages que la loi demande : {WANTED['host']}",
            f"{label} : l'enveloppe de {w.cget.code}",
            f"{label} : les pièces à demander",
            f"{prepared.label} : ses dates d'ouverture et de clôture",
            f"{prepared.label} : ses financeurs",
            f"{prepared.label} : les pièces à demander",
            f"{prepared.label} : à ouvrir, personne ne le voit encore",
            f"{w.contract.label} : aucun chef de projet n'est encore entré",
            f"{other.label} : aucun chef de projet n'est encore entré",
            f"{other.label} : aucun appel à projets",
            f"{other.label} : aucun financeur",
            f"{w.region.label} : aucun instructeur n'est encore entré",
            f"{w.city.label} : aucun instructeur n'est encore entré",
        ]
    )
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    found = lacks(identity, sends=False, scans=False)
    assert len(asked) == 4
    with app.test_request_context():
        for lack in (*found, *lacks(SiteIdentity(notices={}), sends=True, scans=True)):
            assert url_for(f"admin.{lack.page}", **lack.place)


def test_the_list_leads_on_in_its_order(app: Flask) -> None:
    """What comes after a call waits for it; at the end of the list comes nothing."""
    contract().end_year = today().year
    db.session.commit()
    found = lacks(stored(), sends=False, scans=False)
    assert [lack.step for lack in found] == sorted(lack.step for lack in found)
    states = {name: "todo" if lacking else "later" if waits else "done" for name, lacking, waits in by_step(found)}
    assert states["Communes et quartiers"] == states["Thèmes"] == states["Contrat de ville"] == "done"
    assert (states["Appels à projets"], states["Enveloppes"], states["Comptes et rôles"]) == ("todo", "later", "todo")
    steps, lack = [], following(found, -1)
    while lack:
        steps.append(lack.step)
        lack = following(found, lack.step, lack.page, lack.place)
    assert steps == [IDENTITY, NOTICES, PARTNERS, CALL, PEOPLE]


def test_what_else_the_same_step_lacks_comes_before_later_steps(app: Flask) -> None:
    """The dates of a call, whether they were given or not, then its pieces, then its envelopes."""
    w = world()
    ready(w)
    prepared = campaign(w.contract, [w.cget], year=2027)
    prepared.opens_at = prepared.closes_at = prepared.opened_at = None
    db.session.query(CampaignFunder).update({"envelope_id": None})
    db.session.commit()
    found = lacks(stored(), sends=True, scans=True)
    dates, place = found[0], {"campaign_id": prepared.id}
    assert (dates.page, dates.place) == ("campaign", place)
    for lacking in (found, found[1:]):
        pieces = following(lacking, CALL, "campaign", place)
        assert (pieces.page, pieces.place) == ("campaign_list", {**place, "path": "pieces"})
        assert following(lacking, CALL, pieces.page, pieces.place).step == ENVELOPES


def test_of_an_empty_site(app: Flask) -> None:
    assert "Aucun contrat de ville en cours" in told()
    [none] = [lack for lack in lacks(stored(), sends=True, scans=True) if lack.page == "add_contract"]
    with app.test_request_context():
        assert url_for(f"admin.{none.page}")
