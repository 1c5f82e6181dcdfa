"""Imported years: nobody is told that the day of the import is that of a deed."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain.programming.version import validate
from grants.french import PARIS, day
from grants.models import Campaign, Organisation, Project, Role, now
from tests.factories import grant_role, member, user
from tests.villeneuve import villeneuve


@pytest.mark.slow
def test_no_date_of_the_import_is_shown_as_a_deed_s(app: Flask, sign_in) -> None:
    contract = villeneuve()
    coordinator = grant_role(user("Chloé"), Role.COORDINATOR, contract)
    bearer = db.session.scalars(select(Organisation).where(Organisation.name == "ADABE")).one()
    applicant = member(bearer)
    calls = db.session.scalars(select(Campaign).where(Campaign.year == 2021)).all()
    for call in calls:
        validate(call, by=coordinator)
    project = db.session.scalars(select(Project).where(Project.reference == "2021-0001")).one()
    db.session.commit()
    today = day(now().astimezone(PARIS).date())
    year, own = f"/contrats/{contract.slug}/2021", sign_in(applicant)
    page = own.get(f"/mes-projets/{project.id}").text
    assert "Reprise d'un fichier, qui ne dit ni l'acte ni sa date" in page
    for path in ("/mes-projets", f"/mes-projets/{project.id}"):
        assert today not in own.get(path).text, path
    client = sign_in(coordinator)
    sheet = client.get(f"/projets/{project.id}").text
    assert "repris d'un fichier" in sheet
    assert today not in sheet.split('id="historique"')[0]
    for path in ("programmation", "versions", "enveloppes", "grille"):
        page = client.get(f"{year}/{path}").text
        assert "validée" in page, path
        assert "validée le" not in page, path
