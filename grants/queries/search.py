"""Search and sort in French on both databases: without case, without accents."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import FunctionElement

from grants import french

MOST_WORDS = 6


class plain(FunctionElement[str]):  # noqa: N801  (a function of SQL)
    """`grants.french.plain` in the database (SQLite gets it in `grants.database`)."""

    type = String()
    inherit_cache = True


@compiles(plain, "sqlite")
def _sqlite(element: plain, compiler: Any, **more: Any) -> str:
    return f"plain({compiler.process(element.clauses, **more)})"


@compiles(plain, "postgresql")
def _postgresql(element: plain, compiler: Any, **more: Any) -> str:
    # The case of accented letters is ours to fold: lower() follows the database's locale.
    letters = french.ACCENTED + french.ACCENTED.upper()
    text = compiler.process(element.clauses, **more)
    return f"translate(lower({text}), '{letters}', '{french.UNACCENTED * 2}')"


def has_words(words: str, *columns: InstrumentedAttribute[Any]) -> list[ColumnElement[bool]]:
    """One condition a word: it stands somewhere in the columns. `%` and `_` are only letters;
    NUL, which PostgreSQL does not take, is one that stands nowhere."""
    found = (french.plain(words.replace("\x00", "\ufffd")) or "").split()[:MOST_WORDS]
    if not found:
        return []  # most lists: putting the columns together took 7 % of the page
    text: ColumnElement[str] = literal("")
    for column in columns:
        text = text + " " + column
    return [plain(text).contains(word, autoescape=True) for word in found]
