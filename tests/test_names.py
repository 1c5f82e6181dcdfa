"""Names as people mean them: what nobody sees is nothing, and typing makes no other name."""

import pytest
from flask import Flask, request

from grants.names import clean, compact, essence, fold, foreign_letter


@pytest.mark.parametrize(
    "typed",
    [
        "L'École Cœur-Joie",
        "l’ecole coeur joie",
        "L\u2019E\u0301COLE CŒUR\u2011JOIE",
        "l'école\u00a0cœur–joie",
        "L'\u200bÉcole Cœur\u00ad-Joie",
        "« L'école cœur — joie… »",
        "\u2066L'École Cœur\u2212Joie\u2069\ufeff",
    ],
)
def test_one_name_however_typed(typed: str) -> None:
    assert fold(typed) == "l ecole coeur joie"


def test_other_names_stay_others() -> None:
    assert len(set(map(fold, ("Atelier 1", "Atelier 2", "C+", "C", "Atelier")))) == 5
    assert fold("Straße, Łódź, Ægir") == "strasse lodz aegir"


@pytest.mark.parametrize(
    "nothing", ["", " \u00a0", "\u200b", "\u00ad\u2060\ufeff", "\u3164", "\u2800\n", "\u200d", "\u202e"]
)
def test_text_that_nobody_sees_is_empty(nothing: str) -> None:
    assert clean(nothing) == "" == fold(nothing)


def test_what_is_seen_is_kept() -> None:
    assert clean("e\u0301te\u200b\u0301 👩‍👧\n« 12\u202f000 »") == "ét\u00e9 👩‍👧\n« 12\u202f000 »"
    assert clean("\uf0b7\tLire\n\uf0a7 Écrire") == "•\tLire\n• Écrire"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("SIRET 732 829 320 00074", "73282932000074"),
        ("N° SIRET\u00a0: 732 829 320 00074", "73282932000074"),
        ("numéro de SIRET : 732 829 320 00074", "73282932000074"),
        ("RNA\u202f: W922001234", "W922001234"),
        ("n° RNA W922001234", "W922001234"),
        ("IBAN : FR14 2004", "FR142004"),
        ("BIC : PSSTFRPP", "PSSTFRPP"),
        ("BICIGALX", "BICIGALX"),  # of a bank
        ("Tél. : 01 23 45 67 89", "0123456789"),
        ("Téléphone 01.23.45.67.89", "0123456789"),
        ("SIRET", ""),
    ],
)
def test_a_number_is_kept_without_the_label_that_was_copied_with_it(typed: str, kept: str) -> None:
    assert compact(typed) == kept


def test_a_letter_that_only_looks_latin() -> None:
    assert foreign_letter("Les Écur\u0435uils") == "\u0435"
    assert foreign_letter("ΑΒΓ") == "\u0391"
    assert foreign_letter("Œuvre n° 2 – l'ªº ﬁn 1er") == ""


def test_what_resembles_a_name_has_its_essence() -> None:
    for alike in ("A.D.A.B.E.", "Association ADABE", "ADABE 92", "L'Association « adabe »"):
        assert essence(alike) == essence("ADABE"), alike
    assert essence("M.J.C.") == essence("MJC") == essence("M J C 92390")
    assert essence("ADABE sport") != essence("ADABE")
    assert essence("Association") == "association"
    assert essence("  ") == ""


def test_an_address_asks_for_no_sign_that_a_database_refuses(app: Flask) -> None:
    with app.test_request_context("/?mots=a%00b&mots=c"):
        assert request.args.getlist("mots") == ["ab", "c"]


def test_a_number_holds_no_sign_that_a_database_refuses() -> None:
    assert compact("A\x00B 12") == "AB12"
