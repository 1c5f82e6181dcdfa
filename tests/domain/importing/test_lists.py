"""Pasted lists: many lines by few statements, communes with their zones, and nothing dropped in silence."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import event, select

from grants.database import db
from grants.domain.importing.lists import (
    ListReading,
    Read,
    read_organisations,
    read_partners,
    read_themes,
    read_zones,
    write_list,
)
from grants.models import Commune, Funder, HistoryEntry, Organisation, Zone
from tests.conftest import both
from tests.factories import contract, two_communes, user


def write(read: Read, text: str, of=None) -> ListReading:
    done = write_list(read, text, of or contract(), by=user())
    db.session.commit()
    return done


def statements(read: Read, text: str) -> int:
    of, by, asked = contract(), user(), []
    db.session.commit()

    def note(*about) -> None:
        asked.append(about[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        done = write_list(read, text, of, by=by)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert done.faults == []
    assert db.session.query(HistoryEntry).filter_by(contract_id=of.id, action="create").count() >= done.made
    return len(asked)


@both
@pytest.mark.parametrize(
    ("read", "line"),
    [
        (read_zones, "QN{0:05}M;Quartier {0};Metz"),
        (read_themes, "Thème {0}"),
        (read_partners, "Ville;CODE-{0};Ligne {0}"),
    ],
)
def test_each_line_more_takes_one_statement_at_most(app: Flask, read: Read, line: str) -> None:
    """Its own insertion, where the database does not take them together."""
    few, many = (statements(read, "\n".join(line.format(n) for n in range(lines))) for lines in (10, 400))
    assert many - few <= 390, (few, many)


def test_a_tree_is_written_parents_first_and_a_name_twice_is_one(app: Flask) -> None:
    of = contract()
    done = write(read_themes, "Santé\n  Bouger\n  Manger\nCulture\n  Bouger\nsanté\n  bouger", of)
    assert [line.reason for line in done.lines] == ["", "", "", "", "", "existe déjà", "existe déjà"]
    tree = {theme.id: theme for theme in of.themes}
    made = [(theme.label, tree[theme.parent_id].label if theme.parent_id else "") for theme in tree.values()][-5:]
    assert made == [("Santé", ""), ("Bouger", "Santé"), ("Manger", "Santé"), ("Culture", ""), ("Bouger", "Culture")]


@both
def test_communes_come_with_their_zones(app: Flask) -> None:
    of = contract()
    text = "QN05701M;Borny;Metz;57463\nQN05702M;Bellecroix;Metz;57463\nQN05709M;Saint-Éloy;Woippy;57751"
    done = write(read_zones, text, of)
    assert [line.cells[0] for line in done.lines[:2]] == ["Commune : Metz", "Commune : Woippy"]
    assert [(c.label, c.insee) for c in of.communes] == [("Metz", "57463"), ("Woippy", "57751")]
    placed = {zone.label: zone.commune.label for zone in of.zones if zone.commune}
    assert placed == {"Borny": "Metz", "Bellecroix": "Metz", "Saint-Éloy": "Woippy"}
    assert all(line.reason for line in write(read_zones, text, of).lines)


def test_of_one_commune_none_is_made_and_without_codes_it_is_said(app: Flask) -> None:
    write(read_zones, "QN05701M;Borny;Metz;57463\nQN05702M;Bellecroix;Metz;57463")
    done = write(read_zones, "QN05701M;Borny;Metz\nQN05709M;Saint-Éloy;Woippy")
    assert db.session.query(Commune).count() == 0
    assert "code INSEE" in done.becomes[1]
    assert done.lines[0].cells[0] == "Borny (Metz)"


@pytest.mark.parametrize(
    ("read", "text", "told"),
    [
        (read_zones, "code;quartier\nQN05701M;Borny\nQN5702;Sablon", "QN05701M"),
        (read_zones, "QN05701M;Borny;Metz;Moselle\nQN05702M;Bellecroix;Metz;Moselle", "pas compris"),
        (read_organisations, "Les Amis;73282932000", "pas compris"),
        (read_partners, "institution;hors plateforme\nVille;peut-être", "écrivez oui, non"),
        (read_partners, "institution;commune\nVille;Nulle-Part", "commune inconnue"),
    ],
)
def test_what_is_not_understood_is_a_fault(app: Flask, read: Read, text: str, told: str) -> None:
    done = write_list(read, text, contract(), by=user())
    assert told in "".join(map(str, done.faults))


def test_a_tab_in_one_line_is_no_separator_of_all(app: Flask) -> None:
    done = write(read_organisations, "Les Amis;association\nLe Phare\t;association\nLa Ruche")
    assert [line.cells[:2] for line in done.lines] == [
        ("Les Amis", "association"),
        ("Le Phare", "association"),
        ("La Ruche", "association"),
    ]


def test_funders_name_the_commune_that_they_finance(app: Flask) -> None:
    of = contract()
    two_communes(of)
    write(read_partners, "Ville de Metz;METZ;Ville de Metz;non;Metz\nÉtat;CGET;Politique de la ville", of)
    funders = {funder.code: funder.commune for funder in db.session.scalars(select(Funder))}
    assert (funders["METZ"].label, funders["CGET"]) == ("Metz", None)
    assert db.session.scalars(select(Zone)).first() is not None


@both
def test_who_is_there_without_its_numbers_gets_them(app: Flask) -> None:
    """Unless the number is another's."""
    of = contract()
    write(read_organisations, "Les Amis\nLe Phare\nLa Ruche;association;73282932000074", of)
    text = "Les Amis;35600000000048;W922001234\nLe Phare;73282932000074;\nLa Ruche;73282932000074;"
    done = write(read_organisations, text, of)
    assert [line.reason for line in done.lines] == ["", "existe déjà : Le Phare", "existe déjà : La Ruche"]
    assert done.becomes == {1: "existe déjà, reçoit SIRET et RNA"}
    numbers = {one.name: (one.siret, one.rna) for one in db.session.scalars(select(Organisation))}
    assert numbers["Les Amis"] == ("35600000000048", "W922001234")
    assert numbers["Le Phare"] == (None, None)
