"""Whatever accent a commune has, what is written in it can be read."""

from __future__ import annotations

import re
from colorsys import rgb_to_hls

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grants.domain.contract.colours import DEFAULT, GROUNDS, INKS, contrast, mix, style_sheet, tokens, version
from grants.paths import STATIC

ACCENTS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(ACCENTS)
@example("#ffcc00")
@example("#000000")
@example("#ffffff")
@example("#777777")
@example("#ff0000")
def test_every_contrast_is_kept(accent: str) -> None:
    for scheme, grounds in GROUNDS.items():
        made = tokens(accent, scheme)
        assert made["brand"] == accent
        for ground in (*grounds, made["brand-soft"]):
            assert contrast(made["brand-text"], ground) >= 4.5
            assert contrast(made["brand-deep"], ground) >= 4.5
        assert contrast(made["brand-on"], accent) >= 4.5
        assert contrast(made["brand-mid"], grounds[1]) >= 3
        assert contrast(made["brand-line"], INKS[scheme]) >= 4.5  # figures in the parts of a whole


def test_the_inks_are_those_of_the_pages() -> None:
    sheet = (STATIC / "grants.css").read_text()
    assert re.findall("--text: (#......);", sheet)[:2] == list(INKS.values())


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == contrast("#ffffff", "#000000") == 21
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert mix("#ffffff", "#000000", 0.5) == "#808080"


def test_a_readable_accent_is_left_as_it_is() -> None:
    assert tokens(DEFAULT)["brand-text"] == DEFAULT


def test_a_dark_page_keeps_the_purity_of_the_accent() -> None:
    text = tokens(DEFAULT, "dark")["brand-text"]
    (hue, _, purity), (same_hue, _, same_purity) = (rgb_to_hls(*bytes.fromhex(each[1:])) for each in (DEFAULT, text))
    assert (same_hue, same_purity) == (pytest.approx(hue, abs=0.02), pytest.approx(purity, abs=0.05))


def test_another_accent_has_another_address() -> None:
    assert version(DEFAULT) != version("#0b6b65")
    assert style_sheet(DEFAULT).count("--brand:") == 2
