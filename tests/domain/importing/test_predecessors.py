"""Renewals whose file does not say what they continue."""

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain.importing import import_programming
from grants.models import Campaign, Project
from grants.queries.comparison.comparison import comparison
from grants.queries.comparison.lineage import Fate
from tests.conftest import both
from tests.domain.importing.real import contract_and_envelopes, lines, written

Row = dict[str, str]


def unsaid(rows: list[Row]) -> list[Row]:
    return [{**row, "predecesseur": ""} for row in rows]


def links() -> dict[str, int | None]:
    """By reference, the id of what it follows."""
    found = select(Project.reference, Project.predecessor_id).where(Project.year == 2022)
    return {reference or "": id_ for reference, id_ in db.session.execute(found)}


@pytest.mark.slow
@both
def test_the_same_action_of_the_year_before_is_found(app: Flask) -> None:
    """All that the file would say, but for those that have another title since."""
    contract, by = contract_and_envelopes()
    same = [r for r in lines(2022) if r["predecesseur"] == r["intitule"]]
    others = [r for r in lines(2022) if r["predecesseur"] not in ("", r["intitule"])]
    import_programming(written(lines(2021)), contract, by=by)
    for dry_run in (True, False):
        report = import_programming(written(unsaid(lines(2022))), contract, by=by, dry_run=dry_run)
        told = [m for m in report.messages if "predecesseur" in m]
        assert f"{len(same)} renouvellements sans « predecesseur » : reliés" in told[0], dry_run
        assert len(told) == 1 + len(others)
    assert sum(id_ is not None for id_ in links().values()) == len(same)
    fates = [line.fate for line in comparison(contract, 2021, 2022).lineages]
    assert fates.count(Fate.UNKNOWN) == 5 + len(others)
    assert import_programming(written(lines(2021)), contract, by=by).unchanged == 84
    again = import_programming(written(unsaid(lines(2022))), contract, by=by)
    assert (again.unchanged, len([m for m in again.messages if "predecesseur" in m])) == (86, 0)


def test_one_file_may_hold_both_years_even_backwards(app: Flask) -> None:
    contract, by = contract_and_envelopes()
    same = [r for r in lines(2022) if r["predecesseur"] == r["intitule"]]
    import_programming(written(unsaid(lines(2022)) + lines(2021)), contract, by=by)
    assert sum(id_ is not None for id_ in links().values()) == len(same)


def test_each_that_finds_none_or_several_is_told_with_its_line(app: Flask) -> None:
    contract, by = contract_and_envelopes()
    row = next(r for r in lines(2022) if r["predecesseur"] == r["intitule"])
    before = next(r for r in lines(2021) if r["intitule"] == row["intitule"])
    twice = {**before, "intitule": before["intitule"].upper() + " !"}
    import_programming(written([before, twice]), contract, by=by)
    rows = unsaid([row, {**row, "intitule": "Jamais vue"}, {**row, "intitule": "Pas dite"}])
    rows[2]["type"] = "nouvelle"
    messages = import_programming(written(rows), contract, by=by).messages
    several, none = (m for m in messages if "predecesseur" in m)
    assert several.startswith("ligne 2, colonne predecesseur : vide, et plusieurs dossiers de 2021")
    assert none.startswith("ligne 3, colonne predecesseur : vide, et aucun dossier « Contrat de")
    assert "« Jamais vue »" in none
    assert set(links().values()) == {None}


def test_a_year_may_lie_between_and_an_agreement_goes_on(app: Flask) -> None:
    contract, by = contract_and_envelopes()
    before = lines(2021, many=1)[0]
    call = db.session.scalars(select(Campaign).where(Campaign.year == 2021)).first()
    assert call
    call.year, call.label = 2020, "Contrat de ville 2020"
    db.session.flush()
    import_programming(written([{**before, "annee": "2020"}]), contract, by=by)
    now = {
        **next(r for r in lines(2022) if r["porteur"] == before["porteur"]),
        "predecesseur": "",
        "intitule": before["intitule"].upper(),
        "type": "cpo 2/3",
    }
    first = {**now, "intitule": before["intitule"] + " bis", "type": "cpo 1/3"}
    import_programming(written([now, first]), contract, by=by)
    assert [id_ is None for id_ in links().values()] == [False, True]
