"""Text as people mean it, whatever the typing: rid of what nobody sees, and folded to compare."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from unicodedata import category, name, normalize

# Nobody sees these, and no word needs them: soft hyphen, zero-width space, turns of direction ...
_UNSEEN = dict.fromkeys(
    [0x00AD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
)
# Bullets of Word's lists, drawn by its own fonts (Symbol, Wingdings) alone.
_BULLETS = dict.fromkeys([0xF0A7, 0xF0B7, 0xF0D8, 0xF0FC], "•")
# Letters and symbols by name, that show nothing either.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def clean(text: str) -> str:
    """`text` without what nobody sees, in NFC, its bullets seen by all; empty where nothing of it is seen."""
    shown = normalize("NFC", text.translate(_UNSEEN | _BULLETS))
    return shown if any(map(_is_seen, shown)) else ""


def _is_seen(char: str) -> bool:
    kind = category(char)
    return kind[0] not in "MZ" and kind not in ("Cc", "Cf") and char not in _BLANK


class _Folding(dict[int, str | None]):
    """What a character stands for in a comparison; filled as characters are met."""

    def __missing__(self, code: int) -> str | None:
        kind = category(chr(code))
        breaks = kind[0] in "PZ" or kind in ("Cc", "Sk") or chr(code) in _BLANK
        self[code] = " " if breaks else None if kind[0] == "M" or kind == "Cf" else chr(code)
        return self[code]


_FOLDING = _Folding({ord(a): b for a, b in zip("œæøđłı−", ("oe", "ae", *"odli "), strict=True)})
_LABEL = re.compile(
    r"^(?:n[°o] ?|numéro (?:de )?)?(?:siret|siren|rna|iban|bic|t[ée]l(?:[ée]phone)?|portable|mobile|fixe)\b[ .:-]*",
    re.IGNORECASE,
)
_SEPARATORS = dict.fromkeys(map(ord, " .:-"))


def fold(text: str) -> str:
    """`text` for comparison and search: its letters, digits and symbols without case or accents,
    in words; a dash, an apostrophe or another mark only parts them. Longer than `text` at times
    (`œ` becomes `oe`)."""
    bare = normalize("NFKD", normalize("NFKD", text).casefold())
    return " ".join(bare.translate(_FOLDING).split())


def same(one: str, other: str) -> bool:
    """Do two names differ by their typing at most?"""
    return fold(one) == fold(other)


_USUAL = {*"association asso assoc ass loi de des du d la le les l et".split()}  # noqa: SIM905


def essence(text: str, towns: Iterable[str] = ()) -> str:
    """What is left of an organisation's name for a warning that it resembles another's, never to
    tell them apart: `Association A.D.A.B.E.`, `ADABE 92` and `adabe` are one. Without these towns
    (folded)."""
    words: list[str] = []
    folded = f" {fold(text)} "
    for town in towns:
        folded = folded.replace(f" {town} ", " ")
    for initials, run in groupby(folded.split(), lambda word: len(word) == 1):
        words += ("" if initials else " ").join(run).split()
    kept = [word for word in words if word not in _USUAL and not word.isdecimal()]
    return "".join(kept) or fold(text)


def plain(text: str) -> str:
    """A number or an address as one types it: plain dashes and spaces, nothing unseen."""
    usual = normalize("NFKC", clean(text))
    return " ".join("".join("-" if category(c) == "Pd" else c for c in usual).split())


def number(text: str) -> str:
    """As `plain`, without the label that was copied with it (`N° SIRET : 732 829 320 00074`)."""
    return _LABEL.sub("", plain(text), count=1)


def compact(text: str) -> str:
    """A number (SIRET, RNA, IBAN) as it is kept: capitals and digits alone."""
    return number(text).translate(_SEPARATORS).replace("\x00", "").upper()


def foreign_letter(text: str) -> str:
    """The first letter that is not a Latin one, which may only look like it (`а`); or nothing."""
    for char in normalize("NFKC", text):
        if category(char)[0] == "L" and not name(char, "").startswith("LATIN"):
            return char
    return ""
