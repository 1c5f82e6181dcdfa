"""The filters of the list as they stand in an address, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from flask import request

from grants.models import Contract, Kind, State
from grants.permissions import confined_to, instructs
from grants.queries.project_filters import BesideState, DecisionFilter, Filters, Sort
from grants.queries.projects.choices import Choices
from grants.web.access import me
from grants.web.filters import number

E = TypeVar("E", bound=StrEnum)

# In `?liste=`: the dossier was opened from the grid, and goes back there.
GRID = {"vue": "grille"}
IDS = {
    "appel": ("campaign_id", "campaigns"),
    "theme": ("theme_id", "themes"),
    "commune": ("commune_id", "communes"),
    "quartier": ("zone_id", "zones"),
    "porteur": ("organisation_id", "bearers"),
    "financeur": ("funder_id", "funders"),
    "suivi": ("follower_id", "people"),
}
MINE = "moi"  # « suivi par moi »
COLUMNS = "colonnes"


def read(args: Mapping[str, str], contract: Contract, choices: Choices | None = None) -> tuple[Filters, list[str]]:
    """The filters, and the names of those that were ignored because they say nothing known.

    `choices`: what the year offers; without, any id is taken (and finds nothing).
    """
    ignored: list[str] = []
    chosen: dict[str, Any] = {}
    for name, (field, offered) in IDS.items():
        text = args.get(name, "")
        if name == "suivi" and text == MINE:
            text = str(me().id)
        id = number(text)
        if id is not None and (choices is None or id in getattr(choices, offered)):
            chosen[field] = id
        elif text:
            ignored.append(name)
    beside = BesideState(args["etat"]) if args.get("etat") in set(BesideState) else None
    return (
        replace(
            _words(Filters(**chosen), args),
            kind=_member(Kind, "nature", args, ignored),
            state=None if beside else _member(State, "etat", args, ignored),
            within=confined_to(me(), contract, instructs),
            beside=beside,
            wanted=_member(DecisionFilter, "decision", args, ignored),
        ),
        ignored,
    )


def _words(filters: Filters, args: Mapping[str, str]) -> Filters:
    in_grid = args.get("vue") == GRID["vue"]
    sort = args.get("tri", Sort.THEME if in_grid else "")
    if sort.removeprefix("-") not in set(Sort):
        sort = Sort.REFERENCE
    return replace(
        filters, words=args.get("mots", "").strip(), sort=Sort(sort.removeprefix("-")), descending=sort.startswith("-")
    )


def _member(enum: type[E], name: str, args: Mapping[str, str], ignored: list[str]) -> E | None:
    text = args.get(name, "")
    if text in set(enum):
        return enum(text)
    if text:
        ignored.append(name)
    return None


def typed_columns() -> dict[str, str]:
    """The columns of a view, which the addresses that lead on from it carry."""
    found = request.args.get(COLUMNS, "")
    return {COLUMNS: found} if found else {}


def in_address(filters: Filters) -> dict[str, str]:
    """What is set, in a fixed order: the same list has the same address."""
    query = {name: str(getattr(filters, field) or "") for name, (field, _) in IDS.items()}
    if filters.follower_id == me().id:
        query["suivi"] = MINE
    query |= {
        "nature": filters.kind or "",
        "etat": filters.beside or filters.state or "",
        "decision": filters.wanted or "",
        "mots": filters.words,
    }
    if (filters.sort, filters.descending) != (Sort.REFERENCE, False):
        query["tri"] = f"{'-' if filters.descending else ''}{filters.sort}"
    return {name: value for name, value in query.items() if value}
