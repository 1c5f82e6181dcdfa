"""One's own scores on all projects of a year, typed into one table."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import StringField
from wtforms.validators import AnyOf

from grants.database import db
from grants.domain.instruction import analysis as rules
from grants.domain.instruction.analysis import Given
from grants.errors import DomainError
from grants.models import HIGHEST_SCORE, Project
from grants.queries.sheet.analysis import Mark, ScoreTable, ToScore, score_tables
from grants.web.access import access, me
from grants.web.fields import tidy
from grants.web.forms import saved
from grants.web.instruction import bp
from grants.web.instruction.loading import Year, year_of
from grants.web.versioned import UnnumberedForm

ON_SCALE = AnyOf(
    ["", *map(str, range(HIGHEST_SCORE + 1))], message=f"Écrivez un chiffre de 0 à {HIGHEST_SCORE}, ou rien."
)


class ScoreTableForm(UnnumberedForm):
    meanwhile = "Vous avez changé ces notes dans une autre fenêtre entre-temps."

    def cell(self, project: ToScore, criterion_id: int) -> Any:
        return self[name(project.id, criterion_id)]

    def given(self, project: ToScore, criteria: list[int]) -> dict[int, Given | None]:
        """By criterion, what is typed and not what is stored; a remark stays with its score.
        Raises `DomainError` at a cell that was emptied and has a remark, which would go too."""
        scores: dict[int, Given | None] = {}
        for key in criteria:
            typed, before = self.cell(project, key).data, project.given.get(key)
            if typed == _shown(before):
                continue
            if before and before.remark and not typed:
                raise DomainError(
                    "Cette note a une remarque : effacez les deux sur la page de ce dossier.", name(project.id, key)
                )
            scores[key] = Given(int(typed), before.remark if before else "") if typed else None
        return scores


def name(project_id: int, criterion_id: int) -> str:
    return f"p{project_id}c{criterion_id}"


def _shown(mark: Mark | None) -> str:
    return str(mark.value) if mark else ""


def form_for(tables: list[ScoreTable]) -> ScoreTableForm:
    fields: dict[str, Any] = {}
    stored: dict[str, str] = {}
    for table in tables:
        for project in table.projects:
            for key, label, _weight in table.criteria:
                here = name(project.id, key)
                stored[here] = _shown(project.given.get(key))
                fields[here] = StringField(
                    f"{project.reference}, {label}",
                    [ON_SCALE],
                    filters=[tidy],
                    render_kw={"inputmode": "numeric", "autocomplete": "off", "size": "2"},
                )
    made: ScoreTableForm = type("YearScoresForm", (ScoreTableForm,), fields)(data=stored)
    made.over(tables)
    return made


@bp.route("/contrats/<slug>/<int:year>/analyse/notes", methods=["GET", "POST"])
@access("contract.instruct", year_of)
def year_scores(place: Year) -> ResponseReturnValue:
    tables = score_tables(place.contract.id, place.year, me().id)
    form = form_for(tables)
    if saved(form, lambda: _score(tables, form), "Vos notes sont enregistrées."):
        return redirect(url_for("instruction.year_scores", slug=place.contract.slug, year=place.year))
    form.show(tables)
    return render_template(
        "instruction/year_scores.html",
        contract=place.contract,
        year=place.year,
        tables=tables,
        form=form,
        most=HIGHEST_SCORE,
    )


def _score(tables: list[ScoreTable], form: ScoreTableForm) -> None:
    answers = {
        project.id: changed
        for table in tables
        for project in table.projects
        if (changed := form.given(project, [key for key, *_ in table.criteria]))
    }
    # All projects in the order of their ids (docs/decisions/database.md, locks).
    scored = select(Project).where(Project.id.in_(answers)).order_by(Project.id)
    for project in db.session.scalars(scored).all():
        rules.score(project, answers[project.id], by=me())
