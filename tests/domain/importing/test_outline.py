"""Trees as people write them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.domain.importing.outline import read_outline

LEVELS = ["Pilier", "Axe", "Orientation"]
# A tree, in the ways it is met; all mean the same.
MEANT = [(0, "Emploi"), (1, "Insertion"), (2, "Jeunes"), (1, "Formation"), (0, "Cadre de vie"), (1, "Propreté")]
WRITTEN = {
    "spaces": "Emploi\n  Insertion\n    Jeunes\n  Formation\nCadre de vie\n  Propreté",
    "tabs": "Emploi\n\tInsertion\n\t\tJeunes\n\tFormation\n\nCadre de vie\n\tPropreté",
    "numbers": "1. Emploi\n1.1 Insertion\n1.1.1 Jeunes\n1.2 Formation\n2. Cadre de vie\n2.1 Propreté",
    "Word": "1.\tEmploi\r\n1.1.\tInsertion\r\n1.1.1.\tJeunes\r\n1.2.\tFormation\r\n2.\tCadre de vie\r\n2.1.\tPropreté",
    "Roman": "I. Emploi\nA. Insertion\n1. Jeunes\nB. Formation\nII. Cadre de vie\nA. Propreté",
    "dashes": "I – Emploi\n1 - Insertion\na) Jeunes\n2 - Formation\nII – Cadre de vie\n1 - Propreté",
    "bullets": "•\tEmploi\no\tInsertion\n\uf0a7\tJeunes\no\tFormation\n•\tCadre de vie\no\tPropreté",
    "headings": "Emploi\n- Insertion\n* Jeunes\n- Formation\nCadre de vie\n- Propreté",
    "names": "PILIER 1 : Emploi\nAxe A – Insertion\nOrientation 1 Jeunes\nAxe : Formation"
    "\nPilier 2 : Cadre de vie\nAxe 1 Propreté",
    "indented numbers": "1. Emploi\n   - Insertion\n       - Jeunes\n   - Formation\n2. Cadre de vie\n   - Propreté",
}


@pytest.mark.parametrize("way", WRITTEN)
def test_a_tree_is_read_however_it_is_written(way: str) -> None:
    assert [(line.depth, line.label) for line in read_outline(WRITTEN[way], LEVELS)] == MEANT


def test_numbers_are_kept_and_lines_counted() -> None:
    read = read_outline("\n3. Emploi\n\n3.2 Insertion\n- Jeunes", LEVELS)
    assert [(line.line, line.number) for line in read] == [(2, 3), (4, 2), (5, None)]


def test_a_level_named_may_be_skipped() -> None:
    read = read_outline("Pilier A : Emploi\nOrientation 12 : Lire\nAxe : École", LEVELS)
    assert [(line.depth, line.number) for line in read] == [(0, None), (2, 12), (1, None)]


@pytest.mark.parametrize(
    "words", ["16-25 ans : insertion", "100 % emploi", "3,5 % des jeunes", "Axe", "A", "1.", "Axes et pistes"]
)
def test_what_only_looks_like_a_mark_is_kept(words: str) -> None:
    assert [line.label for line in read_outline(words, LEVELS)] == [words]


def test_a_letter_that_looks_roman_follows_its_letters() -> None:
    letters = "\n".join(f"{letter}. Thème {letter}" for letter in "ABCDEFGHIJ")
    assert {line.depth for line in read_outline(letters, LEVELS)} == {0}


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    depths = [line.depth for line in read_outline(text, LEVELS)]
    assert all(after <= before + 1 or after < len(LEVELS) for before, after in pairwise(depths))
