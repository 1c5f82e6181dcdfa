"""A call on the settings pages: saved, copied, warned of."""

import re

import pytest
from flask.testing import FlaskClient

from grants.database import db
from grants.models import Campaign, HistoryEntry
from tests.factories import World
from tests.web.typed_forms import send


def test_saving_a_call_as_shown_changes_nothing(w: World, admin: FlaskClient) -> None:
    w.campaign.opens_at = w.campaign.opens_at.replace(second=0, microsecond=0)
    w.campaign.closes_at = w.campaign.closes_at.replace(second=0, microsecond=0)
    db.session.commit()
    url = f"/reglages/appels/{w.campaign.id}"
    page = admin.get(url).text
    typed = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]*? value="([^"]*)"', page))
    typed["funders"] = re.findall(r'<input checked[^>]* name="funders"[^>]*? value="(\d+)"', page)
    assert len(typed["funders"]) == 3
    del typed["correct_until_examined"], typed["operating"]  # boxes that are not ticked
    before = db.session.query(HistoryEntry).count()
    send(admin, url, **typed)
    assert db.session.query(HistoryEntry).count() == before


@pytest.mark.slow
def test_a_call_is_copied_for_the_next_year(w: World, admin: FlaskClient) -> None:
    url = f"/reglages/appels/{w.campaign.id}/copier"
    assert "fixez ses dates" in send(admin, url)
    assert db.session.query(Campaign).filter_by(year=2027, opens_at=None).count() == 1
    assert "déjà ce nom" in send(admin, url)


def test_a_call_without_funders_or_already_over_is_saved_and_remarked(admin, w) -> None:
    data = {"year": "2026", "kind": "VVV", "label": "VVV 2026"}
    page = send(admin, "/reglages/contrats/ici/appels/ajouter", **data)
    assert "aucun financeur : rien" in page
    assert "déjà clos" not in page
    call = db.session.scalars(db.select(Campaign).filter_by(label="VVV 2026")).one()
    past = {"opens_on": "2021-01-01", "closes_on": "2021-02-01", "funders": [str(w.cget.id)]}
    page = send(admin, f"/reglages/appels/{call.id}", version=str(call.version), **data, **past)
    assert "est déjà clos" in page
    assert "aucun financeur :" not in page


def test_a_call_is_copied_once(admin, w) -> None:
    page = admin.get("/reglages/contrats/ici/appels").text
    assert "Copier pour 2027" in page
    send(admin, f"/reglages/appels/{w.campaign.id}/copier")
    page = admin.get("/reglages/contrats/ici/appels").text
    assert "Copier pour 2027" not in page
    assert "Copier pour 2028" in page
