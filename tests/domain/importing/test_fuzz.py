"""Any bytes at all: imported, or refused in words. Never anything else."""

from __future__ import annotations

import contextlib
import json
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from grants.database import db
from grants.domain.importing import ImportRefused, import_contract, import_envelopes, import_programming
from grants.domain.importing.contract_file import read_contract
from grants.names import fold
from tests.domain.importing.real import content, contract_and_envelopes, lines, written

quick = settings(max_examples=60)
PIECES = [
    b"",
    b"\0",
    b'"',
    b";",
    b",",
    b"\n",
    b"\r",
    b"\xff",
    b"\xe2\x80\xa8",
    b"\xed\xa0\x80",
    b"-1",
    b"9" * 40,
    "é".encode(),
    b"{",
    b"]",
    b"null",
    b"1e999",
    b"\\ud800",
]

mutations = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(PIECES) | st.binary(max_size=9)),
    min_size=1,
    max_size=6,
)


def mutated(data: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for place, length, piece in changes:
        at = int(place * len(data))
        data = data[:at] + piece + data[at + length :]
    return data


def attempt(call: Callable[[], object]) -> None:
    """In a savepoint that is undone."""
    savepoint = db.session.begin_nested()
    with contextlib.suppress(ImportRefused):
        call()
        db.session.flush()
    savepoint.rollback()


@pytest.mark.slow
def test_programming(app: Flask) -> None:
    contract, by = contract_and_envelopes()
    real = written(lines(many=6))

    @quick
    @given(st.binary(max_size=300) | mutations.map(lambda changes: mutated(real, changes)))
    def run(data: bytes) -> None:
        attempt(lambda: import_programming(data, contract, by=by))

    run()


@pytest.mark.slow
def test_envelopes(app: Flask) -> None:
    contract, by = contract_and_envelopes()
    real = content("enveloppes.csv")

    @quick
    @given(st.binary(max_size=300) | mutations.map(lambda changes: mutated(real, changes)))
    def run(data: bytes) -> None:
        attempt(lambda: import_envelopes(data, contract, by=by))

    run()


def test_contract(app: Flask) -> None:
    _, by = contract_and_envelopes()
    real = content("contrat.json")

    @quick
    @given(st.binary(max_size=300) | mutations.map(lambda changes: mutated(real, changes)))
    def run(data: bytes) -> None:
        attempt(lambda: import_contract(data, by=by))

    run()


def _first_of_each(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _first_of_each(below) for key, below in value.items()}
    return [_first_of_each(below) for below in value[:1]] if isinstance(value, list) else value


@pytest.mark.slow
def test_any_value_in_the_place_of_another() -> None:
    """Every place of the contract's file, held by every type that is not its own."""
    real = json.loads(content("contrat.json"))
    real |= {key: _first_of_each(value) for key, value in real.items() if key != "piliers"}
    real["piliers"] = [_first_of_each(pillar) for pillar in real["piliers"][:2]]

    def visit(holder: Any, key: Any) -> None:
        kept = holder[key]
        for value in (None, [], {}, "", "x", 1, -1, True, 1.5, [[]], [None], {"x": []}):
            holder[key] = value
            with contextlib.suppress(ImportRefused):
                read_contract(json.dumps(real).encode())
        holder[key] = kept
        if isinstance(kept, dict | list):
            for below in list(kept) if isinstance(kept, dict) else range(len(kept)):
                visit(kept, below)

    for key in list(real):
        visit(real, key)


cells = st.sampled_from(["", "0", "-1", "1e5", "٣", "cpo 1/2", "9" * 30, "a" * 300, "2021", "=1+1"])


@pytest.mark.slow
def test_cells(app: Flask) -> None:
    contract, by = contract_and_envelopes()
    row = lines(many=1)[0]

    @quick
    @given(st.dictionaries(st.sampled_from(list(row)), cells | st.text(max_size=20), max_size=5))
    def run(changes: dict[str, str]) -> None:
        data = written([{**row, **changes}]).decode("utf-8", "surrogateescape")
        attempt(lambda: import_programming(data.encode(), contract, by=by))

    run()


@pytest.mark.slow
@quick
@given(st.text(max_size=30))
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)
    assert fold(f" {text}\u00a0") == fold(text)
