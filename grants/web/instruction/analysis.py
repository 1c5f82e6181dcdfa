"""The analysis grid: one's own scores on a project, and the year's projects by their means."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import RadioField

from grants.domain.instruction import analysis as rules
from grants.domain.instruction.analysis import Given
from grants.models import HIGHEST_SCORE, Project
from grants.queries.programming.programming import programming
from grants.queries.programming.rows import Row
from grants.queries.sheet.analysis import NOBODY, Analysis, CriterionRow, Summary, analysis_of, summaries
from grants.web.access import access, me
from grants.web.fields import paragraphs
from grants.web.forms import RemarkNeedsChoice, saved
from grants.web.instruction import bp
from grants.web.instruction.forms import options
from grants.web.instruction.loading import Year, project, to_sheet, year_of
from grants.web.versioned import UnnumberedForm

NONE = ""
Order = Callable[[Summary], Decimal | None]
ORDERS: dict[str, Order] = {"moyenne": lambda one: one.mean, "ecart": lambda one: one.spread}
SCALE = options(
    [
        (NONE, "sans note"),
        *zip(
            map(str, range(HIGHEST_SCORE + 1)),
            ("0 pas du tout", "1 peu", "2 en partie", "3 bien", "4 tout à fait"),
            strict=True,
        ),
    ]
)


class ScoresForm(UnnumberedForm):
    meanwhile = "Vous avez changé ces notes dans une autre fenêtre entre-temps."

    def together(self, name: str) -> str:
        """A score, and its remark."""
        return name.rpartition("_")[2]

    def of(self, row: CriterionRow) -> tuple[Any, Any]:
        return self[f"value_{row.id}"], self[f"remark_{row.id}"]

    def answer(self, row: CriterionRow) -> Given | None:
        value, remark = self.of(row)
        return Given(int(value.data), remark.data or "") if value.data else None


def form_for(analysis: Analysis, given: dict[int, Given]) -> ScoresForm:
    fields: dict[str, Any] = {}
    stored: dict[str, str] = {}
    for row in analysis.criteria:
        fields[f"value_{row.id}"] = RadioField(f"{row.label} (poids {row.weight})", choices=SCALE)
        fields[f"remark_{row.id}"] = paragraphs(
            f"Remarque : {row.label}", rows=1, also=[RemarkNeedsChoice(f"value_{row.id}")]
        )
        mine = given.get(row.id)
        stored[f"value_{row.id}"] = str(mine.value) if mine else NONE
        stored[f"remark_{row.id}"] = mine.remark if mine else ""
    made: ScoresForm = type("CriteriaForm", (ScoresForm,), fields)(data=stored)
    made.over(given)
    return made


@bp.route("/projets/<int:project_id>/analyse", methods=["GET", "POST"])
@access("project.instruct", project)
def score(project: Project) -> ResponseReturnValue:
    analysis = analysis_of(project)
    given = rules.given_by(project, me())
    form = form_for(analysis, given)
    back = to_sheet(project, "analyse")
    if saved(
        form,
        lambda: rules.score(project, {row.id: form.answer(row) for row in analysis.criteria}, by=me()),
        "Vos notes sont enregistrées.",
    ):
        return redirect(back)
    form.show(given)
    return render_template(
        "instruction/analysis.html",
        form=form,
        project=project,
        analysis=analysis,
        back=back,
        contract=project.campaign.contract,
        most=HIGHEST_SCORE,
    )


@bp.get("/contrats/<slug>/<int:year>/analyse")
@access("contract.read_tables", year_of)
def analyses(place: Year) -> ResponseReturnValue:
    """Every project that counts with its mean: for whoever prepares a committee. In the order of
    the tables, or by `?tri=`, the highest first and those without a score last."""
    known, by = summaries(place.contract.id, place.year), ORDERS.get(request.args.get("tri", ""))
    sections = [
        (section.kind, _ordered([row for row in section.rows if row.counts], known, by))
        for section in programming(place.contract, place.year).sections
    ]
    return render_template(
        "instruction/analyses.html",
        contract=place.contract,
        year=place.year,
        sections=sections,
        most=HIGHEST_SCORE,
        summaries=known,
        nobody=NOBODY,
    )


def _ordered(rows: list[Row], known: dict[int, Summary], by: Order | None) -> list[Row]:
    if by is None:
        return rows
    values = {row.id: by(known.get(row.id, NOBODY)) for row in rows}
    return sorted(rows, key=lambda row: -1 if (v := values[row.id]) is None else v, reverse=True)
