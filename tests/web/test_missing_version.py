"""A page that does not say what it had seen is an old one: nothing is written over unseen."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from flask import Flask

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.envelope import locked_for
from grants.french import today
from grants.models import CrossTheme, Outcome
from tests import acts
from tests.factories import world
from tests.web.dossiers import fields_of


def test_forms_that_change_what_there_is_want_its_version(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    accepted = Decision(Outcome.ACCEPTED, amount=Decimal(100))
    line = acts.decide(p, w.cget, accepted, by=w.state_instructor)
    envelope = locked_for(w.campaign.id, w.cget.id)
    db.session.commit()
    column = f"/projets/{p.id}/financeurs/{w.cget.id}"
    sent = [
        (w.state_instructor, column, {"choice": "ACCEPTED", "granted": "50", "revision_reason": "x"}),
        (w.state_instructor, f"{column}/notification", {"act_number": "1", "act_date": str(today())}),
        (
            w.coordinator,
            f"/projets/{p.id}/classement",
            {"campaign_id": w.campaign.id, "theme_id": p.theme_id, "kind": "RENEWAL"},
        ),
        (w.coordinator, f"/projets/{p.id}/etapes/withdraw", {"reason": "x"}),
        (
            w.administrator,
            f"/reglages/enveloppes/{envelope.id}",
            {"amount": "1", "status": "NOTIFIED", "campaigns": w.campaign.id},
        ),
        (
            w.administrator,
            f"/reglages/appels/{w.campaign.id}",
            {"year": "2026", "kind": "VVV", "label": "x", "funders": w.cget.id},
        ),
        (w.administrator, f"/reglages/quartiers/{w.contract.zones[0].id}", {"label": "Autre"}),
        (w.applicant, f"/organisation/{w.bearer.id}/identite", {"name": "Autre", "nature": "MUNICIPAL_SERVICE"}),
    ]
    for person, address, data in sent:
        answer = sign_in(person).post(address, data=data)
        assert "entre-temps" in answer.text, address
    db.session.rollback()
    assert (line.granted, line.notified_at, envelope.amount) == (100, None, 20_000)
    assert p.kind == "NEW"


@pytest.mark.slow
def test_settings_without_a_version_show_both_values(app: Flask, sign_in) -> None:
    """The second window sees what the first has written; pressing again is then meant."""
    w = world("ici")
    cross = CrossTheme(contract_id=w.contract.id, label="Jeunesse", position=1)
    db.session.add(cross)
    db.session.commit()
    things = [
        (f"financeurs/{w.cget.id}", w.cget),
        (f"institutions/{w.state.id}", w.state),
        (f"quartiers/{w.contract.zones[0].id}", w.contract.zones[0]),
        (f"thematiques/{cross.id}", cross),
        (f"themes/{w.contract.themes[0].id}", w.contract.themes[0]),
        ("contrats/ici", w.contract),
    ]
    client = sign_in(w.administrator)
    for address, thing in things:
        page = f"/reglages/{address}"
        old = fields_of(client, page)
        assert client.post(page, data=old | {"label": "Un"}).status_code == 302, address
        same = client.post(page, data=old | {"label": "Un"})
        assert same.status_code == 302, address
        clash = client.post(page, data=old | {"label": "Deux"})
        assert clash.status_code == 422, address
        for words in ("entre-temps", 'as-written">Un<', 'as-written">Deux<'):
            assert words in clash.text, (address, words)
        db.session.expire_all()
        assert thing.label == "Un"
        again = re.search(r'name="version"[^>]*value="([^"]+)"', clash.text)
        mine = re.search(r'name="garder-label" value="(moi-\w+)"', clash.text)
        meant = {"label": "Deux", "version": again[1], "garder-label": mine[1]}
        meant = client.post(page, data=old | meant)
        assert meant.status_code == 302, address
        db.session.expire_all()
        assert thing.label == "Deux"
