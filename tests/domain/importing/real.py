"""The published programming of Villeneuve-la-Garenne, and small edits of it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

import grants.demo
from grants.domain.importing import (
    ImportRefused,
    Report,
    import_contract,
    import_envelopes,
    import_programming,
)
from grants.models import Contract, User
from tests.factories import user

FOLDER = Path(grants.demo.__file__).parent / "data" / "villeneuve-la-garenne"
TABLES = json.loads(
    (Path(__file__).parents[2] / "data" / "villeneuve-la-garenne" / "tableaux-publies.json")
    .read_text("utf-8")
)  # fmt: skip


def content(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def contract_and_envelopes() -> tuple[Contract, User]:
    by = user()
    contract = import_contract(content("contrat.json"), by=by)
    import_envelopes(content("enveloppes.csv"), contract, by=by)
    return contract, by


def import_all() -> tuple[Contract, User, list[Report]]:
    contract, by = contract_and_envelopes()
    reports = [
        import_programming(content(f"programmation-{year}.csv"), contract, by=by)
        for year in (2021, 2022)
    ]
    return contract, by, reports


def lines(year: int = 2021, many: int | None = None) -> list[dict[str, str]]:
    text = content(f"programmation-{year}.csv").decode()
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))[:many]


def written(rows: list[dict[str, str]], delimiter: str = ";") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def faults_of(call) -> list[str]:
    """What the import refuses, one text a fault; fails when it does not."""
    with pytest.raises(ImportRefused) as refused:
        call()
    return [str(fault) for fault in refused.value.faults]
