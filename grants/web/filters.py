"""What templates call, and the types of address parts. No line of a text of theirs ends before
« : ; ? ! », nor within « L. 231-4 » or « 23 h 59 »."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from flask import Flask, g
from jinja2 import Undefined
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from werkzeug.routing import IntegerConverter

from grants import french
from grants.database import db
from grants.domain.contract.colours import version
from grants.domain.contract.identity import stored
from grants.domain.contract.notices import notices_of
from grants.domain.dossier.means import staff_in_words
from grants.domain.money import per_head
from grants.domain.organisation.bank import masked
from grants.french import NO_BREAK_SPACE
from grants.models import Setting, SiteIdentity
from grants.permissions import can
from grants.queries.figures import Gap
from grants.web.access import this_user
from grants.words import word

LARGEST_ID = 2**31 - 1


def fits(number: int) -> bool:
    """An id that the databases' integers can hold."""
    return 0 < number <= LARGEST_ID


def number(text: str) -> int | None:
    """An id or a version as a page sent it; nothing for what cannot be one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


class DatabaseInteger(IntegerConverter):
    """An address part that fits the databases' integers: larger ones are simply not found."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max": LARGEST_ID, **kwargs})


def plain_amount(value: Decimal | None) -> str:
    """As one types it in a field: `12000` or `12000,50`."""
    if value is None:
        return ""
    return f"{value:.2f}".removesuffix(".00").replace(".", ",")


def _may(action: str, obj: Any = None) -> bool:
    return can(this_user(), action, obj)


def _total(words: Callable[..., Any]) -> Callable[..., Any]:
    """The same of what an inline `if` without `else` leaves undefined: of nothing; a gap says
    itself."""

    def in_words(value: Any, *more: Any) -> Any:
        if isinstance(value, Gap):
            return value
        return words(None if type(value) is Undefined else value, *more)

    return in_words


def identity() -> SiteIdentity:
    """Whose service this is, read once a request: with who asks (`access.load_user`), or here."""
    if "identity" not in g:
        g.identity = stored()
    found: SiteIdentity = g.identity
    return found


def _shared() -> dict[str, Any]:
    notices = notices_of(identity())
    return {
        "me": this_user(),
        "may": _may,
        "identity": identity(),
        "theme_version": version,
        "grade": notices.grade_in_words,
        "publishes": notices.publishes,
    }


def demonstration_band(app: Flask) -> str:
    """What of the demonstration is split or fictitious, or nothing; read once a process."""
    band: str | None = app.extensions.get("grants_band")
    if band is None:
        setting = db.session.get(Setting, "demonstration")
        band = app.extensions["grants_band"] = setting.value if setting else ""
    return band


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = DatabaseInteger
    app.context_processor(_shared)
    app.context_processor(lambda: {"band": demonstration_band(app)})
    app.jinja_env.add_extension(NoBreakSpaces)
    total = (
        french.euros,
        french.decimal,
        french.percent,
        french.whole,
        french.day,
        french.instant,
        french.deadline,
        plain_amount,
        per_head,
    )
    app.jinja_env.filters.update({words.__name__: _total(words) for words in total})
    app.jinja_env.filters.update(masked_iban=masked, staff=staff_in_words, word=word)


_JOINED = re.compile(r" (?=[:;?!»])|(?<=«) |(?<=\b[LR]\.) (?=\d)|(?<=\d) (?=h \d)|(?<=\d h) (?=\d)")


def joined(text: str) -> str:
    return _JOINED.sub(NO_BREAK_SPACE, text)


class NoBreakSpaces(Extension):
    """Puts them in the texts of templates as these are compiled, so that nobody has to."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            if token.type == "data":
                token = Token(token.lineno, "data", joined(token.value))
            yield token
