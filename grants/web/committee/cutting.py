"""How the tables of a contract of several communes are cut, as the address says."""

from __future__ import annotations

from flask import request

from grants.models import Commune, Contract
from grants.permissions import confined_to, reads_tables
from grants.queries.programming.programming import Cut
from grants.web.access import me
from grants.web.filters import number

BY_COMMUNE = "commune"


def _readable(contract: Contract) -> tuple[list[Commune], bool]:
    """The communes that one may look at, and whether at all of them together."""
    confined = confined_to(me(), contract, reads_tables)
    communes = [c for c in contract.communes if c.id in confined] if confined else contract.named_communes
    return communes, not confined


def commune_of(contract: Contract) -> int | None:
    """The commune that the address names, if it is one of several of the contract; who reads some of
    them alone reads one at a time."""
    named, (communes, together) = number(request.args.get("commune", "")), _readable(contract)
    if named in {commune.id for commune in communes}:
        return named
    return None if together else communes[0].id


def commune_options(contract: Contract) -> list[tuple[str, str]]:
    """Nothing of a contract that has one."""
    communes, together = _readable(contract)
    return [("", "Toutes")] * (together and bool(communes)) + [(str(c.id), c.label) for c in communes]


def cut_of(contract: Contract) -> Cut:
    by_commune = request.args.get("par") == BY_COMMUNE and bool(contract.named_communes)
    return Cut(commune_of(contract), by_commune)


def in_address(cut: Cut) -> dict[str, str]:
    said = {"commune": str(cut.commune_id or ""), "par": BY_COMMUNE * cut.by_commune}
    return {name: value for name, value in said.items() if value}


def name_of(contract: Contract, commune_id: int | None) -> str:
    """For the name of a file: ` – Metz`, or nothing."""
    return "".join(f" – {commune.label}" for commune in contract.named_communes if commune.id == commune_id)
