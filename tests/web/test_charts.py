"""Drawings: their lengths are their tables' figures, and a title says only what those prove."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from flask import Flask, render_template_string

from exports.table import Column, Table, Unit
from grants.queries.comparison.comparison import comparison
from grants.queries.comparison.slots import By, Measure
from grants.queries.figures import Figure, Gap, largest
from grants.queries.programming.programming import programming
from grants.web.committee.chart import Pairs, action_pairs, amount_pairs, line_shares, pillar_shares
from grants.web.committee.comparing import settled
from grants.web.committee.screen import screen, tables
from tests.villeneuve import villeneuve
from tests.web.reading import plain
from tests.web.test_committee import ADDRESS, reader


@pytest.mark.parametrize(
    ("figures", "said"),
    [([1, 3, 2], (1, 3)), ([3, 3, 2], None), ([0, -1], None), ([Gap.UNKNOWN, 1, Gap.NOTHING], (1, 1)), ([], None)],
)
def test_only_what_is_alone_is_the_largest(figures: list[Figure], said: tuple[int, int] | None) -> None:
    assert largest(enumerate(f if isinstance(f, Gap) else Decimal(f) for f in figures)) == said


def gaps(pairs: Pairs | None) -> dict[str, list[str]]:
    assert pairs
    return {title: [plain(bar.gap) for bar in bars] for title, bars in pairs.drawings}


def test_two_years_on_one_scale_like_with_like(app: Flask) -> None:
    kind, pre, summer = comparison(villeneuve(), 2021, 2022).kinds
    pairs = amount_pairs(kind, Unit.EUROS)
    assert gaps(pairs) == {
        "CGET": ["▲ 2 248 €", "▲ 18 000 €", "▲ 1 000 €", "▼ 23 248 €", "▲ 3 500 €"],
        "VILLE": ["▼ 5 000 €", "=", "=", "▲ 5 000 €", "="],
        "DEPT": ["▼ 5 000 €", "▲ 500 €", "▲ 2 183 €", "▲ 3 000 €", "="],
    }
    assert plain(pairs.finding) == (
        "Plus forte hausse : Éducation (CGET), 18 000 € de plus ;"
        " plus forte baisse : Emploi et développement économique (CGET), 23 248 € de moins"
    )
    longest = {title: max(max(bar.before, bar.after) for bar in bars) for title, bars in pairs.drawings}
    assert longest == {"CGET": Decimal("99.24"), "VILLE": Decimal("47.58"), "DEPT": 100}
    assert gaps(action_pairs(kind)) == {"": ["▼ 1", "▲ 2", "▲ 1", "▼ 3", "▲ 1"]}
    assert amount_pairs(pre, Unit.EUROS) is amount_pairs(summer, Unit.EUROS) is None  # one line; one year
    by_bearer = comparison(villeneuve(), 2021, 2022, By.BEARER).kinds[0]
    assert list(gaps(amount_pairs(by_bearer, Unit.EUROS))) == ["Total sans REGION, ARS, CAF"]
    by_funder = comparison(villeneuve(), 2021, 2022, By.FUNDER, Measure.DEPOSITED).kinds[0]
    assert gaps(amount_pairs(by_funder, Unit.EUROS)) == {"": ["▲ 1 500 €", "=", "▲ 683 €"]}


def test_a_year_at_work_headlines_no_fall(app: Flask) -> None:
    figures = comparison(villeneuve(), 2021, 2022)
    pairs = amount_pairs(figures.kinds[0], Unit.EUROS)
    assert settled(figures, pairs) is pairs
    head = figures.b.overview
    at_work = replace(figures.b, overview=replace(head, counts=replace(head.counts, undecided=1)))
    assert settled(replace(figures, b=at_work), pairs) == replace(pairs, finding="")


def test_the_parts_of_a_whole(app: Flask) -> None:
    section = programming(villeneuve(), 2021).sections[0]
    shares = pillar_shares(section)
    assert shares
    assert plain(shares.finding) == "Cohésion sociale : 60,55 % du total accordé"
    assert [bar.label for bar in shares.bars] == ["CGET", "VILLE", "DEPT", "REGION", "ARS", "CAF", "Ensemble"]
    first = shares.bars[0]
    assert [(part.x, part.width, plain(part.text)) for part in first.parts] == [
        (0, Decimal("53.05"), "1 · 53 %"),
        (Decimal("53.05"), Decimal("43.06"), "2 · 43 %"),
        (Decimal("96.11"), Decimal("3.89"), ""),
    ]
    assert pillar_shares(programming(villeneuve(), 2021).sections[1]) is None
    both = line_shares(comparison(villeneuve(), 2021, 2022).kinds[0], (2021, 2022), Unit.EUROS)
    assert both
    assert [(bar.label, len(bar.parts), plain(bar.total)) for bar in both.bars[5:8]] == [
        ("DEPT 2022", 5, "342 320 €"),
        ("REGION 2021", 5, "20 000 €"),
        ("REGION 2022", 0, "n. c."),
    ]


def test_the_five_figures_of_a_year(app: Flask, sign_in) -> None:
    client = sign_in(reader(villeneuve()))
    page = plain(client.get(f"{ADDRESS}/2021/programmation").text)
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page)
    assert found == [
        ("actions retenues, sur 84 déposées", "79"),
        ("porteurs de ces actions", "35"),
        ("demandés pour ces actions", "1 408 600 €"),
        ("accordés", "1 186 077 €"),
        ("reste des enveloppes", "0 €"),
    ]


def drawn(granted: int, planned: int, limit: int) -> list[tuple[str, str, str]]:
    """What a bar shows: the class, and where it begins and ends, or its width."""
    page = render_template_string(
        '{% from "macros/ui.html" import bar %}{{ bar(granted, planned, limit) }}',
        granted=Decimal(granted),
        planned=Decimal(planned),
        limit=Decimal(limit),
    )
    shapes = re.findall(r"<(?:rect|line) ([^>]*)>", page)
    parts = [dict(re.findall(r'([\w-]+)="([^"]*)"', shape)) for shape in shapes]
    return [(p.get("class", ""), p.get("x1") or p.get("x", "0"), p.get("x2") or p["width"]) for p in parts]


@pytest.mark.parametrize(
    ("money", "shapes"),
    [
        ((0, 0, 0), [("bar-all", "0", "0.00%"), ("", "0.00%", "0.00%"), ("bar-granted", "0", "0.00%")]),
        ((25, 50, 100), [("bar-all", "0", "100.00%"), ("", "25.00%", "50.00%"), ("bar-granted", "0", "25.00%")]),
        (
            (50, 125, 100),
            [
                ("bar-all", "0", "80.00%"),
                ("", "40.00%", "80.00%"),
                ("bar-granted", "0", "40.00%"),
                ("bar-over", "80.00%", "100.00%"),
                ("bar-limit", "80.00%", "2"),
            ],
        ),
        (
            (150, 200, 100),  # a deficit: the envelope was cut
            [
                ("bar-all", "0", "50.00%"),
                ("", "50.00%", "50.00%"),
                ("bar-granted", "0", "50.00%"),
                ("bar-over", "75.00%", "100.00%"),
                ("bar-over", "50.00%", "25.00%"),
                ("bar-limit", "50.00%", "2"),
            ],
        ),
    ],
)
def test_an_envelope_is_solid_then_hatched_then_beyond_its_tick(app: Flask, money, shapes) -> None:
    with app.test_request_context():
        assert drawn(*money) == shapes


def test_a_printed_page_is_as_large_as_its_table(app: Flask) -> None:
    """A browser cuts off what is wider than its page, and fits a page to its paper."""
    for shown in (tables(programming(villeneuve(), year)) for year in (2021, 2022)):
        sections = [table for *_, table in shown["sections"]]
        assert {table.paper for table in (*shown["overview"], *sections, shown["rejected"])} == {""}
    action, funder = Column("Action", str, width=90), Column("Accordé", int, Unit.EUROS, 12)
    sizes = [screen(Table("", (action, *[funder] * n), ())).paper for n in (25, 26, 37, 38, 54, 55)]
    assert sizes == ["", " on-a3", " on-a3", " on-a2", " on-a2", " on-a1"]
    assert screen(Table("", (action, *[funder] * 55), (), printed=2)).paper == ""
