"""The theme tree: its order, what is told apart, and archiving."""

import pytest
from flask import Flask

from grants.database import db
from grants.domain.contract import theme as rules
from grants.domain.contract.theme import ThemeTerms
from grants.errors import DomainError
from grants.models import Contract, HistoryEntry, Theme, User
from tests.conftest import both
from tests.factories import campaign, contract, user


def named(of: Contract, label: str) -> Theme:
    return next(t for t in of.themes if t.label == label)


def outline(of: Contract) -> list[str]:
    """As a list reads it: in the order of positions, which are 1, 2, 3 ..."""
    assert [t.position for t in of.themes] == list(range(1, len(of.themes) + 1))
    return ["  " * t.depth + t.label for t in of.themes]


def add(of: Contract, under: str | None, depth: int, label: str, by: User, **more) -> Theme:
    parent = named(of, under) if under else None
    return rules.add_theme(of, parent, depth, ThemeTerms(label, **more), by=by)


@both
def test_a_child_comes_after_its_siblings_and_before_the_next_branch(app: Flask) -> None:
    by, of = user(), contract()
    add(of, "Éducation", 2, "Accompagner", by, number=2)
    add(of, "Cohésion sociale", 1, "Santé", by)
    add(of, "Emploi", 2, "Parcours", by)  # a level is skipped
    assert outline(of) == [
        "Cohésion sociale",
        "  Éducation",
        "    Combattre les inégalités",
        "    Accompagner",
        "  Santé",
        "Emploi",
        "    Lever les freins",
        "    Parcours",
    ]


def test_a_place_that_does_not_exist_is_refused(app: Flask) -> None:
    by, of, other = user(), contract(), contract()
    for parent, depth, field in (
        (None, 1, "depth"),
        (named(of, "Éducation"), 1, "depth"),
        (named(of, "Éducation"), 4, "depth"),
        (named(other, "Éducation"), 2, "parent"),
    ):
        with pytest.raises(DomainError) as refusal:
            rules.add_theme(of, parent, depth, ThemeTerms("X"), by=by)
        assert refusal.value.field == field


@both
def test_names_and_numbers_are_told_apart_within_a_place_and_kind(app: Flask) -> None:
    by, of = user(), contract()
    with pytest.raises(DomainError, match="même nom"):
        add(of, "Éducation", 2, "COMBATTRE LES INÉGALITÉS", by)
    with pytest.raises(DomainError, match="numéro 1"):
        add(of, "Éducation", 2, "Autre", by, number=1)
    reserved = add(of, "Éducation", 2, "Parcours", by, number=1, call_kind="PRE")
    with pytest.raises(DomainError, match="numéro 1"):
        rules.change_theme(reserved, ThemeTerms("Parcours", 1), by=by)
    rules.change_theme(reserved, ThemeTerms("Parcours", 3), by=by)
    assert (reserved.number, reserved.call_kind) == (3, None)


@both
def test_a_reserved_kind_is_spelled_as_the_calls_do(app: Flask) -> None:
    by, of = user(), contract()
    campaign(of, [], kind="Ville Vie Vacances")
    assert add(of, "Éducation", 2, "Été", by, call_kind="ville vie vacances").call_kind == ("Ville Vie Vacances")


@both
def test_a_theme_moves_with_all_that_is_below_it(app: Flask) -> None:
    by, of = user(), contract()
    emploi = named(of, "Emploi")
    rules.move_theme(emploi, -1, by=by)
    assert outline(of) == [
        "Emploi",
        "    Lever les freins",
        "Cohésion sociale",
        "  Éducation",
        "    Combattre les inégalités",
    ]
    with pytest.raises(DomainError, match="au bout"):
        rules.move_theme(emploi, -1, by=by)
    entry = db.session.query(HistoryEntry).filter_by(subject="themes", action="move").one()
    assert (entry.old, entry.new, entry.contract_id) == ("4", "1", of.id)


@both
def test_an_active_theme_never_stands_under_an_archived_one(app: Flask) -> None:
    by, of = user(), contract()

    def archived() -> set[str]:
        return {t.label for t in of.themes if t.archived}

    rules.archive_theme(named(of, "Cohésion sociale"), by=by)
    assert archived() == {"Cohésion sociale", "Éducation", "Combattre les inégalités"}
    with pytest.raises(DomainError, match="archivé"):
        add(of, "Éducation", 2, "Neuf", by)
    rules.restore_theme(named(of, "Éducation"), by=by)
    assert archived() == {"Combattre les inégalités"}
    add(of, "Éducation", 2, "Combattre les inégalités", by)
    with pytest.raises(DomainError, match="même nom"):
        rules.restore_theme(named(of, "Combattre les inégalités"), by=by)
