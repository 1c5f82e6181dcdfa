"""Two years compared, cut as the address says: page, workbook and rows of what is seen, and the
workbook as it is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from exports import comparison as published
from exports import comparison_view as view
from exports import table_csv
from exports.comparison_overview import overview_tables
from exports.comparison_tables import COUNTED_ONCE, MEASURES, by_label, fates_table, years_of
from exports.table import Unit, shown
from grants.models import Contract
from grants.queries.comparison.comparison import Comparison, KindComparison, why_not
from grants.queries.comparison.comparison import comparison as compare
from grants.queries.comparison.framing import framed
from grants.queries.comparison.lineage import Fate, Lineage, fate_sums
from grants.queries.comparison.slots import By, Measure
from grants.queries.home.waiting import latest_year
from grants.queries.programming.programming import years
from grants.web.access import access
from grants.web.committee import bp
from grants.web.committee.chart import Pairs, action_pairs, amount_pairs, funder_pairs, line_shares
from grants.web.committee.cutting import commune_of, commune_options, name_of
from grants.web.committee.screen import screen
from grants.web.downloads import CSV, send_table, send_workbook
from grants.web.instruction.loading import Year, contract


@dataclass(frozen=True)
class Pair(Year):
    """Two years to compare; `year`: the first."""

    b: int

    @property
    def a(self) -> int:
        return self.year


def pair_of(slug: str, year_a: int, year_b: int) -> Pair | None:
    """Whatever the years are."""
    found = contract(slug)
    return Pair(found, year_a, years(found), year_b) if found else None


def comparable_pair(slug: str, year_a: int, year_b: int) -> Pair | None:
    found = pair_of(slug, year_a, year_b)
    return None if found is None or why_not(found.years, found.a, found.b) else found


@dataclass(frozen=True)
class ComparisonChoice:
    """What of the address is known: how it is cut, the fate that alone is listed, the commune alone."""

    by: By
    measure: Measure
    fate: Fate | None
    commune_id: int | None

    @classmethod
    def of(cls, args: Mapping[str, str], contract: Contract) -> ComparisonChoice:
        by, measure = args.get("par", ""), args.get("montant", "")
        return cls(
            By(by) if by in set(By) else By.AXIS,
            Measure(measure) if measure in set(Measure) else Measure.GRANTED,
            next((fate for fate in Fate if fate.slug == args.get("suite")), None),
            commune_of(contract),
        )

    @property
    def query(self) -> dict[str, str]:
        """What is not as usual."""
        said: dict[str, str | None]
        said = {"par": self.by, "montant": self.measure, "suite": self.fate and self.fate.slug}
        said["commune"] = str(self.commune_id or "")
        usual = (By.AXIS, Measure.GRANTED, None, "")
        return {name: value for (name, value), u in zip(said.items(), usual, strict=True) if value and value != u}

    def listed(self, figures: Comparison) -> list[Lineage]:
        return [x for x in figures.lineages if self.fate in (None, x.fate)]


@bp.get("/contrats/<slug>/comparaison")
@access("contract.read_part", contract)
def choose_years(contract: Contract) -> ResponseReturnValue:
    """Where the form that chooses two years leads; to two that make sense, where those asked for
    cannot be compared."""
    known, latest = years(contract), latest_year(contract.id)
    if latest is None or len(known) == 1:
        return render_template("no_campaign.html", contract=contract, only=latest)
    first, second = (request.args.get(name, type=int) for name in ("de", "a"))
    b = second if second in known else latest
    a = first if first in known and first != b else _partner(b, known)
    if first is not None and second is not None and (why := why_not(known, first, second)):
        flash(why, "warning")
    kept: dict[str, Any] = {**ComparisonChoice.of(request.args, contract).query}
    return redirect(url_for("committee.comparison", slug=contract.slug, year_a=a, year_b=b, **kept))


def _partner(year: int, known: list[int]) -> int:
    """The year with a campaign before this one, or else the next one."""
    before = [other for other in known if other < year]
    return max(before) if before else min(other for other in known if other > year)


@bp.get("/contrats/<slug>/comparaison/<int:year_a>/<int:year_b>")
@access("contract.read_part", pair_of)
def comparison(pair: Pair) -> ResponseReturnValue:
    choice = ComparisonChoice.of(request.args, pair.contract)
    if why_not(pair.years, pair.a, pair.b):
        asked: dict[str, Any] = {"de": pair.a, "a": pair.b, **choice.query}
        return redirect(url_for("committee.choose_years", slug=pair.contract.slug, **asked))
    figures = _compared(pair, choice)
    sums = fate_sums(figures.lineages)
    return render_template(
        "committee/comparison.html",
        contract=pair.contract,
        a=pair.a,
        b=pair.b,
        year_options=[(year, year) for year in pair.years],
        choice=choice,
        stated=published.state_of(figures),
        communes=commune_options(pair.contract),
        ways=_ways(figures),
        measures=[(m, MEASURES[m].capitalize()) for m in Measure],
        measure_label=MEASURES[choice.measure].capitalize(),
        overview=[screen(table) for table in overview_tables(figures)],
        by_funder=settled(figures, funder_pairs(framed(figures.a, figures.b).alike)),
        kinds=[_drawn(figures, kind) for kind in figures.kinds],
        lineages=choice.listed(figures),
        sums=sums,
        fates=screen(fates_table(figures, sums)) if figures.lineages else None,
        first_and_last=years_of(figures),
        counted_once=COUNTED_ONCE.format(a=years_of(figures)[0]),
        money=lambda value: shown(value, Unit.EUROS),
    )


def _compared(pair: Pair, choice: ComparisonChoice) -> Comparison:
    return compare(pair.contract, pair.a, pair.b, choice.by, choice.measure, choice.commune_id)


def _ways(figures: Comparison) -> list[tuple[By, str]]:
    """Without the levels that this contract does not have."""
    levels = figures.levels
    absent = set()
    if levels.pillar == levels.axis:
        absent.add(By.PILLAR)
    if levels.orientation == levels.axis:
        absent.add(By.ORIENTATION)
    if not levels.communes:
        absent.add(By.COMMUNE)
    return [(by, by_label(figures, by)) for by in By if by not in absent]


def settled(figures: Comparison, pairs: Pairs | None) -> Pairs | None:
    """Without a finding while a year is at work: what is undecided is no fall."""
    at_work = any(each.overview.counts.undecided for each in (figures.a, figures.b))
    return replace(pairs, finding="") if pairs and at_work else pairs


def _drawn(figures: Comparison, kind: KindComparison) -> dict[str, object]:
    """One kind of call: its tables, and the bars beside them."""
    unit = Unit.WHOLE if figures.measure is Measure.ACTIONS else Unit.EUROS
    return {
        "name": kind.kind,
        "tables": [screen(table) for table in view.tables_of(figures, kind)],
        "actions": settled(figures, action_pairs(kind)),
        "amounts": settled(figures, amount_pairs(kind, unit)),
        "shares": line_shares(kind, (figures.a.year, figures.b.year), unit),
    }


@bp.get("/contrats/<slug>/comparaison/<int:year_a>/<int:year_b>.xlsx")
@access("contract.read_part", comparable_pair)
def comparison_workbook(pair: Pair) -> ResponseReturnValue:
    name = f"Comparaison {pair.a}-{pair.b} – {pair.contract.label}"
    return send_workbook(
        name,
        published.write,
        compare(pair.contract, pair.a, pair.b, commune_id=commune_of(pair.contract)),
        pair.contract,
    )


@bp.get("/contrats/<slug>/comparaison/<int:year_a>/<int:year_b>/vue.xlsx")
@access("contract.read_part", comparable_pair)
def comparison_view(pair: Pair) -> ResponseReturnValue:
    choice = ComparisonChoice.of(request.args, pair.contract)
    figures = _compared(pair, choice)
    listed = choice.listed(figures)
    return send_workbook(_name(pair, choice), view.write, figures, listed, pair.contract)


@bp.get("/contrats/<slug>/comparaison/<int:year_a>/<int:year_b>/vue.csv")
@access("contract.read_part", comparable_pair)
def comparison_csv(pair: Pair) -> ResponseReturnValue:
    choice = ComparisonChoice.of(request.args, pair.contract)
    figures = _compared(pair, choice)
    return send_table(table_csv.write(view.flat_table(figures)), f"{_name(pair, choice)}.csv", CSV)


def _name(pair: Pair, choice: ComparisonChoice) -> str:
    commune = name_of(pair.contract, choice.commune_id)
    return f"Comparaison {pair.a}-{pair.b} par {choice.by} – {pair.contract.label}{commune}"
