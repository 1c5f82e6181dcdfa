"""Zones, funders and their like: moved, archived and back, deleted while nothing hangs on them."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from grants.database import db
from grants.domain.contract.arranging import move_part, remove_part
from grants.domain.contract.contract import add_part
from grants.domain.contract.theme import ThemeTerms, add_theme
from grants.errors import DomainError
from grants.models import CrossTheme, Funder, HistoryEntry, Institution, Theme, Zone
from grants.web.applicant.forms import still_offered
from tests.conftest import both
from tests.factories import World, world
from tests.web.typed_forms import send


def labels(model: type, w: World) -> list[str]:
    found = select(model.label).where(model.contract_id == w.contract.id).order_by(model.position, model.id)
    return list(db.session.scalars(found))


@both
def test_parts_are_moved_one_place_even_where_an_import_gave_two_the_same(app: Flask) -> None:
    w = world("ici")
    for label in ("Un", "Deux", "Trois"):
        add_part(CrossTheme, w.contract, by=w.administrator, label=label).position = 1
    un, deux, trois = db.session.scalars(select(CrossTheme).order_by(CrossTheme.id))
    move_part(trois, -1, by=w.administrator)
    assert labels(CrossTheme, w) == ["Un", "Trois", "Deux"]
    move_part(un, 1, by=w.administrator)
    assert labels(CrossTheme, w) == ["Trois", "Un", "Deux"]
    with pytest.raises(DomainError):
        move_part(deux, 1, by=w.administrator)


@both
def test_what_nothing_hangs_on_is_deleted_and_nothing_else(app: Flask) -> None:
    w = world("ici")
    project = w.project()
    project.zones, project.theme_id = [w.contract.zones[0]], w.contract.themes[-1].id
    other = add_part(Zone, w.contract, by=w.administrator, label="Ailleurs", priority=False)
    alone = add_theme(w.contract, None, 0, ThemeTerms("Seul"), by=w.administrator)
    free = add_part(Funder, w.region, by=w.administrator, code="NEUF", label="Neuf")
    db.session.commit()
    for part in (other, alone, free):
        remove_part(part, by=w.administrator)
    db.session.commit()
    for used in (w.contract.zones[0], w.contract.themes[0], w.contract.themes[-1], w.cget, w.state):
        with pytest.raises(DomainError, match="sert déjà"):
            remove_part(used, by=w.administrator)
        db.session.rollback()
    gone = db.session.scalars(select(HistoryEntry.old).where(HistoryEntry.action == "delete"))
    assert sorted(gone) == ["Ailleurs", "Neuf", "Seul"]
    assert [theme.position for theme in w.contract.themes] == list(range(1, len(w.contract.themes) + 1))


def test_what_is_archived_is_offered_to_who_has_it_alone(admin: FlaskClient, w: World) -> None:
    zone, funder = w.contract.zones[0], w.cget
    page = "/reglages/elements"
    assert "archivé" in send(admin, f"{page}/quartiers/{zone.id}/archiver")
    assert "archivé" in send(admin, f"{page}/financeurs/{funder.id}/archiver")
    assert still_offered([zone], []) == []
    assert still_offered([zone], [zone]) == [zone]
    assert funder.label not in admin.get("/reglages/contrats/ici/appels/ajouter").text
    assert funder.label in admin.get(f"/reglages/appels/{w.campaign.id}").text
    send(admin, f"{page}/quartiers/{zone.id}/reactiver")
    assert not zone.archived


def test_pages_move_ask_and_delete(admin: FlaskClient, w: World) -> None:
    first, second = w.state, w.city
    assert "est déplacé" in send(admin, f"/reglages/elements/institutions/{second.id}/deplacer", vers="haut")
    assert labels(Institution, w)[:2] == [second.label, first.label]
    theme = db.session.scalars(select(Theme).where(Theme.label == "Emploi")).one()
    for kind, part in (("institutions", first), ("themes", theme)):
        assert f"Supprimer « {part.label} » ?" in admin.get(f"/reglages/elements/{kind}/{part.id}/supprimer").text
        assert admin.post(f"/reglages/elements/{kind}/{part.id}/supprimer").status_code == 422
    for nothing in (
        f"themes/{theme.id}/deplacer",
        f"institutions/{first.id}/archiver",
        "quartiers/99999/archiver",
        "x/1/archiver",
    ):
        assert admin.post(f"/reglages/elements/{nothing}").status_code == 404
