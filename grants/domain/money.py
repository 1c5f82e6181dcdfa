"""Amounts as people type them, and shares as committees read them."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from grants.errors import DomainError
from grants.french import euros

MOST = Decimal("9999999999.99")
# What pasted text carries unseen, and its spaces. static/js/amount.js reads the same; the table of
# cases in tests/data/amounts.json holds both together.
_TYPING = str.maketrans(
    dict.fromkeys("\u00a0\u2007\u2009\u202f", " ") | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff")
)
_AMOUNT = re.compile(
    r"([0-9]{1,3}([ .,])[0-9]{3}(?:\2[0-9]{3})*|[0-9]+)(?:([.,])([0-9]{1,2}))?"
    r" ?(k?) ?(?:€|eur|euros?)?",
    re.ASCII | re.IGNORECASE,
)
_NOTHING = re.compile(r"(?:[-–—\u2212]|n(?:[éÉ]|e\u0301?)ant|n\. ?c\.?|nc)? *€?", re.ASCII | re.IGNORECASE)
_FIGURES = frozenset("0123456789€., \t\r\n")


class NotAnAmount(DomainError):
    """`advice`: what is wrong with the text and what to write, to be read after it."""

    def __init__(self, text: str, advice: str) -> None:
        shown = " ".join(text[:240].split())
        super().__init__(f"« {shown if len(shown) <= 60 else shown[:59] + '…'} » {advice}")
        self.advice = advice


def parse_amount(text: str) -> Decimal | None:
    """Euros as people type or paste them: `12 000`, `12000,50 €`, `1.234,50`, `12 k€`.

    Nothing, a dash, `néant` and `n. c.` are `None`. Raises `NotAnAmount` for anything else: a
    letter, a sign, two numbers in one cell, and what can be read in two ways (`1.234`).
    """
    bare = text.translate(_TYPING).strip()
    if _NOTHING.fullmatch(bare):
        return None
    found = _AMOUNT.fullmatch(bare)
    if found is None or (found[3] and found[2] == found[3]):
        whole, point, cents = bare.rstrip("€ ").rpartition("," if "," in bare else ".")
        fine = len(cents) > 2 and cents.isascii() and cents.isdecimal()
        if point not in whole and fine and _AMOUNT.fullmatch(whole):
            raise NotAnAmount(text, _CENTS)
        several = len(bare.split()) > 1 and _FIGURES.issuperset(bare)
        raise NotAnAmount(text, _ONE_ONLY if several else _DIGITS)
    digits, by, point, cents, thousands = found.groups()
    whole = digits.replace(by or " ", "")
    if by in (".", ",") and not point and len(digits) - len(whole) == 1:
        if digits.startswith("0"):  # no thousands
            raise NotAnAmount(text, _CENTS)
        raise NotAnAmount(
            text,
            (
                f"peut se lire de deux façons : écrivez {int(whole)}, ou"
                f" {digits[:-4]},{digits[-3:-1]} si ce sont des centimes."
            ),
        )
    amount = Decimal(f"{whole}.{cents or 0}") * (1000 if thousands else 1)
    if amount > MOST:
        raise NotAnAmount(text, f"est un montant trop grand : au plus {euros(MOST)}.")
    return amount.quantize(Decimal("0.01"))


_DIGITS = "n'est pas un montant. Écrivez des chiffres, par exemple 12000 ou 12 000,50."
_CENTS = "a trop de décimales : écrivez-en deux au plus, par exemple 12 000,50."
_ONE_ONLY = "contient deux nombres dans une cellule, ou plus : n'en laissez qu'un."


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
