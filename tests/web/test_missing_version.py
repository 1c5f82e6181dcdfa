"""A page that does not say what it had seen is an old one: nothing is written over unseen."""

from __future__ import annotations

from decimal import Decimal

from flask import Flask

from grants.database import db
from grants.domain import funding
from grants.domain.envelope import locked_for
from grants.domain.funding import Decision
from grants.models import Outcome, now
from tests.factories import world


def test_forms_that_change_what_there_is_want_its_version(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    accepted = Decision(Outcome.ACCEPTED, granted=Decimal(100))
    line = funding.decide(p, w.cget, accepted, by=w.state_instructor)
    envelope = locked_for(w.campaign.id, w.cget.id)
    db.session.commit()
    column = f"/projets/{p.id}/financeurs/{w.cget.id}"
    sent = [
        (w.state_instructor, column,
         {"choice": "ACCEPTED", "granted": "50", "revision_reason": "x"}),
        (w.state_instructor, f"{column}/notification",
         {"act_number": "1", "act_date": str(now().date())}),
        (w.coordinator, f"/projets/{p.id}/classement",
         {"campaign_id": w.campaign.id, "theme_id": p.theme_id, "kind": "RENEWAL"}),
        (w.coordinator, f"/projets/{p.id}/etapes/withdraw", {"reason": "x"}),
        (w.administrator, f"/reglages/enveloppes/{envelope.id}",
         {"amount": "1", "status": "NOTIFIED", "campaigns": w.campaign.id}),
        (w.administrator, f"/reglages/appels/{w.campaign.id}",
         {"year": "2026", "kind": "VVV", "label": "x", "funders": w.cget.id}),
        (w.applicant, f"/organisation/{w.bearer.id}/identite",
         {"name": "Autre", "nature": "MUNICIPAL_SERVICE"}),
    ]  # fmt: skip
    for person, address, data in sent:
        answer = sign_in(person).post(address, data=data)
        assert "entre-temps" in answer.text, address
    db.session.rollback()
    assert (line.granted, line.notified_at, envelope.amount) == (100, None, 20_000)
    assert p.kind == "NEW"
