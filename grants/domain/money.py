"""Amounts as people type them, and shares as committees read them."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from grants.errors import DomainError

MOST = Decimal("9999999999.99")
_SPACES = re.compile(r"[\s\u00a0\u202f]")
_AMOUNT = re.compile(r"\d+([,.]\d{1,2})?")


def parse_amount(text: str) -> Decimal | None:
    """`12 000`, `12000,50`, `12 000 €` are amounts in euros; empty is `None`.

    Raises `DomainError` for anything else: `12 OOO`, a negative, three decimals.
    """
    bare = _SPACES.sub("", text).removesuffix("€")
    if not bare:
        return None
    if not bare.isascii() or not _AMOUNT.fullmatch(bare):
        raise DomainError(
            f"« {text.strip()[:60]} » n'est pas un montant."
            " Écrivez des chiffres, par exemple 12000 ou 12 000,50."
        )
    amount = Decimal(bare.replace(",", "."))
    if amount > MOST:
        raise DomainError(f"« {text.strip()[:60]} » est un montant trop grand.")
    return amount.quantize(Decimal("0.01"))


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """`part` of `whole` in percent, rounded half up to two decimals; `None` of a zero whole
    (rules 10)."""
    if whole == 0:
        return None
    return (part * 100 / whole).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def per_head(amount: Decimal | None, people: int | None) -> Decimal | None:
    """Euros a person, rounded half up to the cent; `None` where either is not known, or nobody."""
    if amount is None or not people:
        return None
    return (amount / people).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
