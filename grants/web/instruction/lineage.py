"""What a project follows and what follows it: said by the coordinator, helped by what is likely;
and the year's renewals that nobody has linked yet, settled in one go."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField

from grants.domain.instruction.lineage import link_many, set_predecessors
from grants.domain.ledger.operation import operation
from grants.errors import Conflict
from grants.french import counted
from grants.models import Contract, Operation, Project
from grants.queries.comparison.unlinked import Unlinked, renewals_unlinked
from grants.queries.sheet.likely import LikelyPredecessor, around
from grants.web.access import access, me
from grants.web.forms import Form, made_by, saved
from grants.web.instruction import bp
from grants.web.instruction.forms import LineageForm, options
from grants.web.instruction.loading import Year, project, to_sheet, year_of
from grants.web.instruction.operations import tell_done

YEARS = re.compile(r"([0-9]{4})-([0-9]{4})")
LONGEST = 20


@bp.route("/projets/<int:project_id>/filiation", methods=["GET", "POST"])
@access("project.coordinate", project)
def lineage(project: Project) -> ResponseReturnValue:
    """`?avec=`: the number of one more to offer, ticked: it comes from that dossier's page."""
    also = request.args.get("avec", "")[:LONGEST]
    offered = around(project, me(), also)
    ticked = (each.reference for each in offered.before if each.linked or each.reference == also)
    form = LineageForm(data={"references": list(ticked)})
    form.references.choices = options((c.reference, _named(c)) for c in offered.before)
    form.over(project)
    if saved(
        form,
        lambda: set_predecessors(project, _wanted(form), by=me(), version=form.seen),
        f"Filiation de {project.reference} enregistrée.",
    ):
        return redirect(_back(project))
    form.show(project)
    return render_template(
        "instruction/lineage.html",
        form=form,
        project=project,
        back=_back(project),
        sheet=to_sheet(project),
        after=offered.after,
        years=_years(),
    )


def _wanted(form: LineageForm) -> Iterable[str]:
    return filter(None, (*form.references.data, *re.split(r"[\s,;]+", form.others.data)))


def _named(dossier: LikelyPredecessor) -> str:
    also = f", que continue déjà {dossier.tied_to}" if dossier.tied_to else ""
    what = f" · {dossier.title} ({dossier.bearer})" if dossier.title else ""
    return f"{dossier.reference}{what}{also}"


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


UNKNOWN = ("", "Je ne sais pas encore")


class RenewalsForm(Form):
    """A field for each renewal for which there is something to choose."""

    def chosen(self) -> dict[int, int]:
        """Raises `Conflict` where something was said of a renewal that is not listed any more."""
        gone = [n for n, said in request.form.items() if n.startswith("r-") and n not in self]
        if any(request.form[n] for n in gone):
            raise Conflict(
                "Rien n'a été fait : un de ces dossiers a été relié entre-temps par une autre"
                " personne. La liste est à jour : relisez-la, puis enregistrez de nouveau."
            )
        picked = [f for f in self if f.name.startswith("r-") and f.raw_data and f.data]
        return {int(f.name.removeprefix("r-")): int(f.data) for f in picked}


def _form(unlinked: list[Unlinked]) -> RenewalsForm:
    fields = {
        f"r-{one.id}": SelectField(
            f"{one.reference} · {one.title} ({one.bearer})",
            default=str(one.likely or ""),
            choices=options([UNKNOWN, *((id_, _offered(one, *of)) for id_, *of in one.choices)]),
        )
        for one in unlinked
        if one.choices
    }
    made: RenewalsForm = type("YearRenewalsForm", (RenewalsForm,), fields)()
    return made


def _offered(one: Unlinked, reference: str, title: str, bearer: str) -> str:
    return f"{reference} · {title}" + (f" ({bearer})" if bearer != one.bearer else "")


@bp.route("/contrats/<slug>/<int:year>/renouvellements", methods=["GET", "POST"])
@access("contract.coordinate", year_of)
def renewals(place: Year) -> ResponseReturnValue:
    found = renewals_unlinked(place.contract.id, place.year)
    form, slug = _form(found), place.contract.slug
    if linked := made_by(form, lambda: _link(place.contract, form)):
        made, count = linked
        tell_done(f"{counted(count, 'renouvellement', 'relié')}.", made, slug)
        return redirect(url_for("instruction.renewals", slug=slug, year=place.year))
    return render_template(
        "instruction/renewals.html", contract=place.contract, year=place.year, form=form, found=found
    )


def _link(contract: Contract, form: RenewalsForm) -> tuple[Operation, int]:
    chosen = form.chosen()
    with operation(contract.id, "link", by=me()) as made:
        link_many(contract, chosen, by=me())
    return made, len(chosen)
