"""Columns in any order, any usual encoding."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.domain.importing.faults import ImportRefused
from grants.domain.importing.lists import ORGANISATIONS, ZONES
from grants.domain.importing.pasted import read_rows, text_of
from grants.domain.importing.pasted_people import PEOPLE

KNOWN = {"Code": "QN05701M", "Quartier": "Borny", "Commune": "Metz"}
OFFICIAL = (
    "code_qp;lib_qp;insee_reg;lib_reg;insee_dep;lib_dep;siren_epci;insee_com;lib_com\n"
    "QN05701M;Borny;44;Grand Est;57;Moselle;200039865;57463;Metz\n"
    "QN05702M;Bellecroix;44;Grand Est;57;Moselle;200039865;57463;Metz\n"
)


@pytest.mark.parametrize(
    "text",
    [
        "QN05701M;Borny;Metz\nQN05702M;Bellecroix;Metz",
        "Borny\tQN05701M\tMetz\nBellecroix\tQN05702M\tMetz\n",
        "Commune;Nom du quartier;Code QPV\nMetz;Borny;QN05701M",
        "Borny, Metz, QN05701M\nBellecroix, Metz, QN05702M",
        OFFICIAL,
    ],
)
def test_columns_are_found_in_any_order(text: str) -> None:
    row = read_rows(text, ZONES, [])[0]
    assert {name: row.get(name) for name in KNOWN} == KNOWN


def test_people_and_organisations() -> None:
    [row] = read_rows("chef de projet;Ada Martin;ada@ville.fr", PEOPLE, [])
    assert (row.get("Nom"), row.get("Courriel"), row.get("Rôle")) == ("Ada Martin", "ada@ville.fr", "chef de projet")
    [row] = read_rows("W922001234\tLes Amis, de Metz\t732 829 320 00074", ORGANISATIONS, [])
    assert (row.get("Nom"), row.get("RNA")) == ("Les Amis, de Metz", "W922001234")


def test_a_column_that_is_needed_and_an_empty_cell_are_said() -> None:
    faults = []
    assert len(read_rows("nom;courriel;role\nAda;;chef\nBob;bob@ville.fr;chef", PEOPLE, faults)) == 1
    assert str(faults[0]) == "ligne 2, colonne Courriel : vide : écrivez-le"
    for nothing in ("", " \n\n", "Ada\nBob"):
        with pytest.raises(ImportRefused):
            read_rows(nothing, PEOPLE, [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_usual_encodings(encoding: str) -> None:
    assert text_of("Propreté – été".encode(encoding)) == "Propreté – été"


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(ImportRefused):
        read_rows(text_of(data), PEOPLE, [])
