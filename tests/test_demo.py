"""The demonstration: its second open call, and what waits in it to be tried."""

import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from grants import demo
from grants.database import db
from grants.demo import summer
from grants.domain.call.piece import pieces_of
from grants.models import Campaign, FundingLine, User
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


@pytest.mark.slow
def test_what_was_typed_for_the_department_waits_for_its_instructor(app: Flask, sign_in) -> None:
    for _ in range(2):
        demo.load()
    person = db.session.scalars(select(User).filter_by(email="departement@demo.example")).one()
    [role] = person.roles
    assert "92390 Villeneuve-la-Garenne" in role.contract.service_text
    typed = db.session.scalars(
        select(FundingLine).where(
            FundingLine.typed_from.startswith("Courriel du "),
            FundingLine.funder.has(institution_id=role.institution_id),
        )
    ).all()
    assert [line.confirmed_at for line in typed] == [None] * 2
    client = sign_in(person)
    home = client.get(f"/contrats/{role.contract.slug}").text
    assert "À confirmer" in home
    [listed] = re.findall(r'href="([^"]*decision=a-confirmer[^"]*)"', home)
    page = client.get(unescape(listed)).text
    assert "Confirmer 2 montants saisis pour nous" in page
