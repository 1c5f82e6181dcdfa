"""An agreement of three years from the year of the world's call."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from grants.domain.agreements import agreement as rules
from grants.domain.agreements.agreement import Promised
from grants.models import Agreement, AgreementAction, Funder
from tests.factories.world import World

SIGNED = date(2025, 12, 1)


def terms(w: World, **more: Any) -> dict[str, Any]:
    year = w.campaign.year
    return {"title": "Lire en famille", "number": "CPO-7", "first_year": year, "last_year": year + 2, **more}


def kept(action: AgreementAction, **more: Any) -> dict[str, Any]:
    """What an action says, to be written again."""
    return {name: getattr(action, name) for name in ("title", "call_kind", "theme_id", "commune_id")} | more


def promised(firm: int, expected: int) -> Promised:
    return Promised(Decimal(firm), Decimal(expected))


def sign(w: World, made: Agreement, **more: Any) -> None:
    rules.change_agreement(made, by=w.coordinator, **terms(w, signed_on=SIGNED, archived=False) | more)


def agreement(w: World, amounts: dict[Funder, tuple[int, int]], *, signed: bool = True) -> Agreement:
    """`amounts`: firm and expected of the first year; as much is expected of the two others."""
    made = rules.add_agreement(w.contract, w.bearer, by=w.coordinator, **terms(w))
    theme = next(t for t in w.contract.themes if t.number)
    commune_id = next((commune.id for commune in w.contract.named_communes), None)
    says = {"title": "Lectures du soir", "call_kind": w.campaign.kind, "theme_id": theme.id, "commune_id": commune_id}
    action = rules.add_action(made, by=w.coordinator, **says)
    wanted = {
        (funder.id, year): promised(firm if year == w.campaign.year else 0, expected)
        for funder, (firm, expected) in amounts.items()
        for year in made.years
    }
    rules.change_action(action, wanted, by=w.coordinator, **says)
    if signed:
        sign(w, made)
    return made
