"""French typography: no line ends before « : ; ? ! », nor within « L. 231-4 » or « 23 h 59 »."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from grants.french import NO_BREAK_SPACE

_JOINED = re.compile(r" (?=[:;?!»])|(?<=«) |(?<=\b[LR]\.) (?=\d)|(?<=\d) (?=h \d)|(?<=\d h) (?=\d)")


class NoBreakSpaces(Extension):
    """Puts them in the texts of templates as these are compiled, so that nobody has to."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            if token.type == "data":
                token = Token(token.lineno, "data", _JOINED.sub(NO_BREAK_SPACE, token.value))
            yield token
