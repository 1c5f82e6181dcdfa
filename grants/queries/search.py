"""Search in French on both databases, over columns that are kept folded (`grants.names.fold`)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, literal
from sqlalchemy.sql.elements import SQLCoreOperations

from grants.names import clean, fold

MOST_WORDS = 6
LONGEST = 1000  # longer than all that is searched; databases refuse far longer ones


def has_words(words: str, *columns: SQLCoreOperations[Any]) -> list[ColumnElement[bool]]:
    """One condition a word: it stands somewhere in the columns. What follows the fifth word is
    looked for as it stands. Words of mere marks stand nowhere."""
    typed = clean(words).split()
    if not typed:
        return []  # most lists: putting the columns together took 7 % of the page
    found = list(filter(None, map(fold, typed)))
    if len(found) > MOST_WORDS:
        found[MOST_WORDS - 1 :] = [" ".join(found[MOST_WORDS - 1 :])]
    if len(words) > LONGEST:
        return [false()]
    text: ColumnElement[str] = literal("")
    for column in columns:
        text = text + " " + column
    return [text.contains(word, autoescape=True) for word in found] or [false()]
