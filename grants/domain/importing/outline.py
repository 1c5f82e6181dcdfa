"""A tree as people write it: levels by their names, numbers, bullets or indentation (Word, a page, a mail)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grants.domain.importing.pasted import usable
from grants.domain.importing.reading import one_line
from grants.names import fold

_TAB = 4
_MARK = re.compile(
    r"(?P<parts>\d{1,3}(?:\.\d{1,3}){1,5})[.)]?\s+"
    r"|(?P<number>\d{1,3})(?:[.)]\s+|\t\s*|\s[-–—:]\s)"
    r"|(?P<roman>[IVX]{1,5}|[ivx]{1,5})(?:[.)]\s+|\t\s*|\s[-–—:]\s)"
    r"|(?P<letter>[A-Za-z])(?:[.)]\s+|\t\s*|\s[-–—:]\s)"
    r"|(?P<bullet>[-–—•·▪▫◦‣*o§✓➢►→\uf0a7\uf0b7\uf0fc])\s+"
)
# After the name of a level: its number, and what parts it from the words.
_NAMED = re.compile(r"(?P<number>\d{1,3})?(?:[\dA-Za-z.]{0,5})\s*[.:)–—-]\s*|(?P<only>\d{1,3})\s+")

# Of a line: how deep its indentation is, where that says something, and which kind of mark it has.
LineStyle = tuple[int | None, str]


@dataclass(frozen=True)
class OutlineLine:
    """`depth`: from 0, as the lines before it tell."""

    line: int
    depth: int
    label: str
    number: int | None


def read_outline(text: str, level_names: Sequence[str]) -> list[OutlineLine]:
    return list(_lines(usable(text), {fold(name): depth for depth, name in enumerate(level_names)}))


def _lines(text: str, levels: dict[str, int]) -> Iterator[OutlineLine]:
    above: list[tuple[LineStyle, int]] = []
    letter = ""
    for line, raw in enumerate(text.split("\n"), 1):
        words = raw.strip()
        if not words:
            continue
        found = _named(words, levels)
        if found:
            depth, label, number = found
            style: LineStyle = (None, f"level {depth}")
        else:
            indent = len(raw.expandtabs(_TAB)) - len(raw.expandtabs(_TAB).lstrip())
            kind, letter, number, label = _marked(words, letter)
            style = (None if kind[:1].isdigit() or kind == "roman" else indent, kind)
            depth = _depth(style, above)
        above[:] = [(other, at) for other, at in above if at < depth]
        above.append((style, depth))
        yield OutlineLine(line, depth, one_line(label), number)


def _named(words: str, levels: dict[str, int]) -> tuple[int, str, int | None] | None:
    """`Axe 2 : Emploi`"""
    name, _, rest = words.partition(" ")
    depth, mark = levels.get(fold(name)), _NAMED.match(rest)
    if depth is None or mark is None or not rest[mark.end() :].strip():
        return None
    number = mark["number"] or mark["only"]
    return depth, rest[mark.end() :], int(number) if number else None


def _marked(words: str, before: str) -> tuple[str, str, int | None, str]:
    """The kind of its mark, the letter of it, its number, and the words after it. `before`: the letter of
    the latest that had one: what follows it is a letter too, though it may look like a Roman number."""
    mark = _MARK.match(words)
    if mark is None or not words[mark.end() :].strip():
        return "", before, None, words
    label = words[mark.end() :]
    if parts := mark["parts"] or mark["number"]:
        return str(parts.count(".") + 1), before, int(parts.rpartition(".")[2]), label
    sign = mark["roman"] or mark["letter"] or mark["bullet"]
    if mark["bullet"]:
        return sign, before, None, label
    follows = len(sign) == 1 and before != "" and ord(sign) == ord(before) + 1
    if mark["letter"] or follows:
        return "A" if sign.isupper() else "a", sign, None, label
    return "roman", before, None, label


def _depth(style: LineStyle, above: list[tuple[LineStyle, int]]) -> int:
    """That of the one above in the same style, or else one below what it stands under."""
    for other, depth in reversed(above):
        if other == style:
            return depth
    indent, kind = style
    under = [
        depth
        for (other, of), depth in above
        if not (indent is not None and other is not None and other > indent)
        and not (kind[:1].isdigit() and of[:1].isdigit() and int(of) > int(kind))
    ]
    return under[-1] + 1 if under else 0
