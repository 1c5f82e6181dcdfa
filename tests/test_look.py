"""The language of the pages (docs/decisions/look.md) stays small, and is the only one."""

from __future__ import annotations

import gzip
import re

from grants.paths import STATIC, TEMPLATES

SHEETS = {path.name: path.read_text() for path in STATIC.glob("*.css")}
STYLED = set(re.findall(r"\.([a-z][\w-]*)", "".join(SHEETS.values())))
READ_BY_SCRIPTS = set(re.findall(r"[\w-]+", "".join(path.read_text() for path in STATIC.rglob("*.js"))))
# What a page is told apart by, in words of its own: tests and people read it, no rule does.
NAMED = {"notice-info", "questions", "who"}


def test_the_style_sheets_are_small() -> None:
    assert len(SHEETS["grants.css"].splitlines()) <= 500
    assert sum(len(gzip.compress(text.encode())) for text in SHEETS.values()) <= 20_000


def test_every_class_of_a_page_is_in_the_language() -> None:
    strange = {}
    for path in TEMPLATES.rglob("*.html"):
        for written in re.findall(r'class="([^"{]*)"', path.read_text()):
            for name in set(written.split()) - STYLED - READ_BY_SCRIPTS - NAMED:
                strange.setdefault(name, path.name)
    assert not strange


def test_lines_of_pages_can_be_read_without_scrolling() -> None:
    long = [
        f"{path.name}:{number}"
        for path in TEMPLATES.rglob("*.html")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 160
    ]
    assert not long


def test_a_page_inside_the_work_keeps_the_work_s_pages_in_its_header() -> None:
    """The wall of a committee has none."""
    pages = [
        path for folder in ("instruction", "committee", "exchange") for path in (TEMPLATES / folder).glob("*.html")
    ]
    cut = {
        path.name for path in pages if 'extends "base.html"' in (text := path.read_text()) and "block pages" not in text
    }
    assert cut == {"changes_wall.html"}
