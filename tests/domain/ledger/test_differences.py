"""Two texts beside each other: nothing lost, the differences and only they marked."""

import time

from hypothesis import given
from hypothesis import strategies as st

from grants.domain.ledger.differences import TextPart, apart, same

TEXT = st.text(st.sampled_from("ab \n"), max_size=60)


@given(TEXT, TEXT)
def test_both_texts_stay_whole_and_what_is_not_marked_is_the_same(one: str, other: str) -> None:
    found = apart(one, other)
    if found is None:
        return
    for text, parts in zip((one, other), found, strict=True):
        assert "".join(part.text for part in parts) == text
    left, right = ("".join(p.text for p in side if not p.own).split() for side in found)
    assert left == right
    if same(one, other):
        assert not any(part.own for side in found for part in side if part.text.strip())


def test_the_words_that_changed_are_marked() -> None:
    found = apart("Chaque mercredi de 14 h\nà 17 h", "Chaque samedi de 14 h à 17 h")
    assert found == (
        (TextPart("Chaque "), TextPart("mercredi ", own=True), TextPart("de 14 h\nà 17 h")),
        (TextPart("Chaque "), TextPart("samedi ", own=True), TextPart("de 14 h à 17 h")),
    )


def test_another_text_has_no_marks_and_long_ones_keep_nobody_waiting() -> None:
    assert apart("Un bal au printemps", "Des cours de guitare pour tous") is None
    start = time.perf_counter()
    apart("un mot " * 1400, "mot un autre " * 900)
    assert time.perf_counter() - start < 0.5
