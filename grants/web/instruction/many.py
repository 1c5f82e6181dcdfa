"""Many projects at once: an action on those ticked in the list, or on all that is filtered; seen
before it is done, and undone in one go."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.many import MOST
from grants.domain.operation import operation
from grants.french import counted, euros
from grants.models import Operation
from grants.queries.envelopes import EnvelopeRow, envelopes
from grants.queries.many import Action, Candidate, money
from grants.queries.project_choices import choices
from grants.web.access import access, me
from grants.web.filters import number
from grants.web.forms import refusals_at
from grants.web.instruction import bp
from grants.web.instruction.list_filters import in_address, read
from grants.web.instruction.loading import Place, place
from grants.web.instruction.many_actions import SAID, Chosen, chosen, gathered
from grants.web.instruction.many_form import ManyForm
from grants.web.instruction.many_run import run
from grants.web.instruction.operations import tell_done


@bp.route("/contrats/<slug>/<int:year>/plusieurs", methods=["GET", "POST"])
@access("contract.instruct", place, of=lambda found: found.contract)
def many(here: Place) -> ResponseReturnValue:
    offered = choices(here.contract.id, here.year)
    filters, _ignored = read(request.args, offered)
    what = chosen(here, request.args.get("quoi", ""), offered.people)
    query = urlencode(in_address(filters))
    back = url_for("instruction.projects", slug=here.contract.slug, year=here.year) + f"?{query}"
    if what is None:
        flash("Choisissez ce qu'il faut faire des dossiers.", "warning")
        return redirect(back)
    ids = None if request.args.get("lot") == "tous" else _ids(request.args.getlist("projet"))
    batch = gathered(here, what, filters, ids)
    form = ManyForm.of(what, batch)
    if form.validate_on_submit():
        made = _done(here, what, form)
        if made is not None:
            return redirect(back)
        batch = gathered(here, what, filters, ids)
    form.show(batch)
    page = render_template(
        "instruction/many.html", contract=here.contract, year=here.year, what=what,
        said=SAID[what.action], batch=batch, form=form, back=back, most=MOST,
        money=lambda one: money(what.action, one),
        room=_room(here, what, batch.applies), ticked=ids is not None,
    )  # fmt: skip
    return page, 422 if request.method == "POST" else 200


def _ids(typed: list[str]) -> list[int]:
    """Those that could be ids; of the others nothing is found. One too many tells that they are."""
    return [id for text in typed[: MOST + 1] if (id := number(text))]


def _done(here: Place, what: Chosen, form: ManyForm) -> Operation | None:
    """The operation, committed and told; nothing where it was refused (the form says why)."""
    with refusals_at(form), operation(here.contract.id, what.kind, by=me()) as made:
        count, amount = run(here, what, form)
    if form.errors:
        return None
    db.session.commit()
    text = f"{counted(count, 'dossier')} : {SAID[what.action].done.format(who=what.name)}"
    text += f", {euros(amount)} en tout." if amount else "."
    if what.action is Action.NOTIFY:
        flash(text, "success")
    else:
        tell_done(text, made, here.contract.slug)
    return made


def _room(
    here: Place, what: Chosen, applies: list[Candidate]
) -> list[tuple[EnvelopeRow, Decimal, Decimal]]:
    """Of each envelope that would pay: what is needed, and what is left (below zero: lacking)."""
    if what.action is not Action.ACCEPT:
        return []
    found = []
    for row in envelopes(here.contract.id, here.year):
        theirs = [one for one in applies if one.campaign_id in row.campaign_ids]
        if row.funder_id == what.funder_id and theirs:
            needed = sum((one.proposed or Decimal(0) for one in theirs), Decimal(0))
            found.append((row, needed, (row.left or Decimal(0)) - needed))
    return found
