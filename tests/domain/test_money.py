"""Amounts as people type or paste them: the script is held to the same cases in tests/e2e."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from grants.domain.money import NotAnAmount, parse_amount, per_head, share

CASES = json.loads((Path(__file__).parents[1] / "data" / "amounts.json").read_text("utf-8"))


@pytest.mark.parametrize(("text", "cents"), CASES)
def test_an_amount(text: str, cents: int | str | None) -> None:
    if isinstance(cents, str):  # how the refusal begins
        with pytest.raises(NotAnAmount) as refused:
            parse_amount(text)
        assert refused.value.advice.startswith(cents)
    else:
        expected = None if cents is None else Decimal(cents).scaleb(-2)
        assert parse_amount(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1.234", "peut se lire de deux façons : écrivez 1234, ou 1,23 si"),
        ("3000\n1500", "« 3000 1500 » contient deux nombres"),
        ("4000\t250", "contient deux nombres"),
        ("2021 12000", "contient deux nombres"),
        ("60 000,555", "« 60 000,555 » a trop de décimales : écrivez-en deux au plus"),
        ("12 OOO", "« 12 OOO » n'est pas un montant. Écrivez des chiffres"),
        ("9" * 30, "est un montant trop grand : au plus 9"),
        ("x" * 300, "…"),
        ("1,234.567", "n'est pas un montant"),
        ("1 2 3", "contient deux nombres"),
        ("123 456,789", "a trop de décimales"),
        (",567", "n'est pas un montant"),
        ("12,5x", "n'est pas un montant"),
        ("-12", "n'est pas un montant"),
    ],
)
def test_a_refusal_says_what_to_write(text: str, said: str) -> None:
    with pytest.raises(NotAnAmount, match=said) as refused:
        parse_amount(text)
    assert len(refused.value.message) < 200
    assert said in f"{refused.value.advice}{refused.value.message}"
    assert refused.value.advice in refused.value.message


def test_a_long_text_is_read_in_its_own_length() -> None:
    for piece in ("1", " 111", "1 ", "\u200b", "€ ", "-"):
        with pytest.raises(NotAnAmount):
            parse_amount("1" + piece * 200_000 + "x")


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [
        ("1", "3", "33.33"),
        ("2", "3", "66.67"),
        ("0.125", "100", "0.13"),
        ("0.115", "100", "0.12"),
        ("0.1249", "100", "0.12"),
        ("-0.125", "100", "-0.13"),
        ("7", "7", "100"),
        ("0", "5", "0"),
    ],
)
def test_a_share_is_rounded_half_up(part: str, whole: str, percent: str) -> None:
    assert str(share(Decimal(part), Decimal(whole))) == f"{Decimal(percent):.2f}"
    assert share(Decimal(part), Decimal(0)) is None


def test_euros_a_person() -> None:
    assert str(per_head(Decimal("0.25"), 2)) == "0.13"
    assert str(per_head(Decimal(10), 4)) == "2.50"
    assert (per_head(None, 2), per_head(Decimal(1), 0), per_head(Decimal(1), None)) == (None,) * 3
