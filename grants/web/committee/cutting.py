"""How the tables of a contract of several communes are cut, as the address says."""

from __future__ import annotations

from flask import request

from grants.models import Contract
from grants.queries.programming.programming import Cut
from grants.web.filters import number

BY_COMMUNE = "commune"


def commune_of(contract: Contract) -> int | None:
    """The commune that the address names, if it is one of several of the contract."""
    named = number(request.args.get("commune", ""))
    return named if named in {commune.id for commune in contract.named_communes} else None


def cut_of(contract: Contract) -> Cut:
    by_commune = request.args.get("par") == BY_COMMUNE and bool(contract.named_communes)
    return Cut(commune_of(contract), by_commune)


def in_address(cut: Cut) -> dict[str, str]:
    said = {"commune": str(cut.commune_id or ""), "par": BY_COMMUNE * cut.by_commune}
    return {name: value for name, value in said.items() if value}


def name_of(contract: Contract, commune_id: int | None) -> str:
    """For the name of a file: ` – Metz`, or nothing."""
    return "".join(f" – {commune.label}" for commune in contract.named_communes if commune.id == commune_id)
