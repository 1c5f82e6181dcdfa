"""The published programming of Villeneuve-la-Garenne, imported, and the tables as printed."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from grants.database import db
from grants.domain.importing import import_contract, import_envelopes, import_programming
from grants.models import Contract, Role
from tests.databases import once
from tests.factories import grant_role, user

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "grants/demo/data/villeneuve-la-garenne"
PUBLISHED: dict[str, Any] = json.loads(
    (ROOT / "tests/data/villeneuve-la-garenne/tableaux-publies.json").read_text("utf-8")
)
# Four of the printed shares of CGET 2022 contradict the printed amounts: these follow from them.
PUBLISHED["comparatif_part_du_financeur"] = {
    axis: {funder: [Decimal(s.strip("%").replace(",", ".")) for s in pair] for funder, pair in shares.items()}
    for axis, shares in PUBLISHED["comparatif_part_du_financeur_publiee"].items()
}
for _axis, _share in {
    "Accès aux droits": "5.56",
    "Éducation": "36.53",
    "Santé": "17.85",
    "Emploi et développement économique": "35.01",
    "Cadre de vie": "5.05",
}.items():
    PUBLISHED["comparatif_part_du_financeur"][_axis]["CGET"][1] = Decimal(_share)


def villeneuve() -> Contract:
    """The contract with its envelopes and both years, committed."""
    once("villeneuve", _villeneuve)
    return db.session.scalars(select(Contract)).one()


def _villeneuve() -> None:
    by = grant_role(user("Admin"), Role.ADMINISTRATOR)
    contract = import_contract((DATA / "contrat.json").read_bytes(), by=by)
    import_envelopes((DATA / "enveloppes.csv").read_bytes(), contract, by=by)
    for year in (2021, 2022):
        import_programming((DATA / f"programmation-{year}.csv").read_bytes(), contract, by=by)
