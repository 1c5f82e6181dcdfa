"""The year's renewals that nobody has linked to what they continue, settled in one go."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField

from grants.domain.instruction.lineage import link_many
from grants.domain.ledger.operation import operation
from grants.errors import Conflict
from grants.french import counted
from grants.models import Contract, Operation
from grants.queries.comparison.unlinked import Unlinked, renewals_unlinked
from grants.web.access import access, me
from grants.web.forms import Form, made_by
from grants.web.instruction import bp
from grants.web.instruction.forms import options
from grants.web.instruction.loading import Year, year_of
from grants.web.instruction.operations import tell_done

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


def _form(found: list[Unlinked]) -> RenewalsForm:
    fields = {
        f"r-{one.id}": SelectField(
            f"{one.reference} · {one.title} ({one.bearer})", default=str(one.likely or ""),
            choices=options([UNKNOWN, *((id_, _named(one, *of)) for id_, *of in one.choices)]),
        )
        for one in found
        if one.choices
    }  # fmt: skip
    made: RenewalsForm = type("YearRenewalsForm", (RenewalsForm,), fields)()
    return made


def _named(one: Unlinked, reference: str, title: str, bearer: str) -> str:
    return f"{reference} · {title}" + (f" ({bearer})" if bearer != one.bearer else "")


@bp.route("/contrats/<slug>/<int:year>/renouvellements", methods=["GET", "POST"])
@access("contract.coordinate", year_of)
def renewals(of: Year) -> ResponseReturnValue:
    found = renewals_unlinked(of.contract.id, of.year)
    form, slug = _form(found), of.contract.slug
    if linked := made_by(form, lambda: _link(of.contract, form)):
        made, count = linked
        tell_done(f"{counted(count, 'renouvellement', 'relié')}.", made, slug)
        return redirect(url_for("instruction.renewals", slug=slug, year=of.year))
    return render_template(
        "instruction/renewals.html", contract=of.contract, year=of.year, form=form, found=found
    )


def _link(contract: Contract, form: RenewalsForm) -> tuple[Operation, int]:
    chosen = form.chosen()
    with operation(contract.id, "link", by=me()) as made:
        link_many(contract, chosen, by=me())
    return made, len(chosen)
