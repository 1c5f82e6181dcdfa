"""What a project follows and what follows it: said by the coordinator, helped by what is likely."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.instruction.lineage import set_predecessors
from grants.models import Project
from grants.queries.sheet.likely import LikelyPredecessor, around
from grants.web.access import access, me
from grants.web.forms import saved
from grants.web.instruction import bp
from grants.web.instruction.forms import LineageForm, options
from grants.web.instruction.loading import project, to_sheet

YEARS = re.compile(r"([0-9]{4})-([0-9]{4})")
LONGEST = 20


@bp.route("/projets/<int:project_id>/filiation", methods=["GET", "POST"])
@access("project.coordinate", project)
def lineage(project: Project) -> ResponseReturnValue:
    """`?avec=`: the number of one more to offer, ticked: it comes from that dossier's page."""
    also = request.args.get("avec", "")[:LONGEST].replace("\x00", "")
    found = around(project, also)
    ticked = (each.reference for each in found.before if each.linked or each.reference == also)
    form = LineageForm(data={"references": list(ticked)})
    form.references.choices = options((c.reference, _named(c)) for c in found.before)
    form.over(project)
    if saved(
        form,
        lambda: set_predecessors(project, _wanted(form), by=me(), version=form.seen),
        f"Filiation de {project.reference} enregistrée.",
    ):
        return redirect(_back(project))
    form.show(project)
    return render_template(
        "instruction/lineage.html", form=form, project=project, back=_back(project),
        sheet=to_sheet(project), after=found.after, years=_years(),
    )  # fmt: skip


def _wanted(form: LineageForm) -> Iterable[str]:
    return filter(None, (*form.references.data, *re.split(r"[\s,;]+", form.others.data)))


def _named(each: LikelyPredecessor) -> str:
    also = f", que continue déjà {each.tied_to}" if each.tied_to else ""
    return f"{each.reference} · {each.title} ({each.bearer}){also}"


def _years() -> str | None:
    """The comparison that one came from."""
    text = request.args.get("annees", "")
    return text if YEARS.fullmatch(text) else None


def _back(project: Project) -> str:
    """There, or the sheet."""
    years = YEARS.fullmatch(_years() or "")
    if not years:
        return to_sheet(project)
    a, b = map(int, years.groups())
    slug = project.campaign.contract.slug
    return url_for("committee.comparison", slug=slug, year_a=a, year_b=b, _anchor="suites")
