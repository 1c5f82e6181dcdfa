"""The published programming of Villeneuve-la-Garenne, and small edits of it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from sqlalchemy import select

import grants.demo
from grants.database import db
from grants.domain.importing import ImportRefused, Report, import_contract, import_envelopes, import_programming
from grants.models import Contract, User
from tests.databases import once
from tests.factories import user

FOLDER = Path(grants.demo.__file__).parent / "data" / "villeneuve-la-garenne"
TABLES = json.loads(
    (Path(__file__).parents[2] / "data" / "villeneuve-la-garenne" / "tableaux-publies.json").read_text("utf-8")
)


def content(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def contract_and_envelopes() -> tuple[Contract, User]:
    """Committed, with the account that imported them."""
    once("contract and envelopes", lambda: _contract_and_envelopes()[0].slug)
    return _there()


def _contract_and_envelopes() -> tuple[Contract, User]:
    by = user()
    contract = import_contract(content("contrat.json"), by=by)
    import_envelopes(content("enveloppes.csv"), contract, by=by)
    return contract, by


def _there() -> tuple[Contract, User]:
    by = db.session.scalars(select(User).order_by(User.id)).first()
    assert by
    return db.session.scalars(select(Contract)).one(), by


def import_all() -> tuple[Contract, User, list[Report]]:
    """Both years too."""
    reports = once("both years", _import_all)
    return *_there(), reports


def _import_all() -> list[Report]:
    contract, by = _contract_and_envelopes()
    return [import_programming(content(f"programmation-{year}.csv"), contract, by=by) for year in (2021, 2022)]


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
