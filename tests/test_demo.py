"""The demonstration's second open call."""

from flask import Flask

from grants.database import db
from grants.demo import summer
from grants.domain.piece import pieces_of
from grants.models import Campaign
from tests.factories import institution, world


def test_the_summer_call_is_opened_once(app: Flask) -> None:
    w = world()
    institution(w.contract, "Vacances", summer.FUNDER)
    for _ in range(2):
        summer.open_call(w.campaign, by=w.administrator)
    made = db.session.query(Campaign).filter_by(kind=summer.KIND).one()
    assert (made.label, made.closes_at) == ("VVV été 2026", w.campaign.closes_at)
    assert len(made.questions) == 7
    assert len(made.criteria) == 3
    assert len(pieces_of(made)) == 3
    assert made.funders[0].envelope_id
