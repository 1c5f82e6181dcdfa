"""Two texts beside each other, word by word: what stands on one side only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

_WORDS = re.compile(r"^\s+|\S+\s*")
# Below this share of words in common, marks would hide the text: it is another one.
ANOTHER_TEXT = 0.4
# Words of both sides multiplied: beyond, finding the differences would keep the page waiting.
MOST_WORK = 1_000_000


@dataclass(frozen=True)
class TextPart:
    """`own`: the other side does not have it."""

    text: str
    own: bool = False


Parts = tuple[TextPart, ...]


def same(one: str, other: str) -> bool:
    """But for spaces and the ends of lines."""
    return one.split() == other.split()


def apart(one: str, other: str) -> tuple[Parts, Parts] | None:
    """Both texts, whole and in order; `None` where too little of them is common (or they are too
    long to find it)."""
    words = [_WORDS.findall(text) for text in (one, other)]
    if len(words[0]) * len(words[1]) > MOST_WORK:
        return None
    left, right = ([word.strip() for word in side] for side in words)
    found = SequenceMatcher(None, left, right)
    if found.ratio() < ANOTHER_TEXT:
        return None
    steps = found.get_opcodes()
    return (
        _parts((word, tag != "equal") for tag, a, b, *_ in steps for word in words[0][a:b]),
        _parts((word, tag != "equal") for tag, *_, a, b in steps for word in words[1][a:b]),
    )


def _parts(words: Iterable[tuple[str, bool]]) -> Parts:
    return tuple(
        TextPart("".join(word for word, _ in run), own) for own, run in groupby(words, key=lambda pair: pair[1])
    )
