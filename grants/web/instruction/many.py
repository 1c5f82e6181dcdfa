"""Many projects at once: an action on those ticked in the list, or on all that is filtered; seen
and mended before it is done, and undone in one go."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.decisions.notify import confirm, notify
from grants.domain.decisions.refusals import naming
from grants.domain.decisions.rules import Notice
from grants.domain.decisions.write import Wish, write
from grants.domain.instruction.many import MOST, refuse_too_many
from grants.domain.instruction.project_many import admit_many, ask_many, follow_many
from grants.domain.ledger.operation import operation
from grants.errors import DomainError
from grants.french import counted, euros
from grants.models import Funder, Operation, User
from grants.queries.programming.envelopes import EnvelopeRow, envelopes
from grants.queries.project_filters import Filters
from grants.queries.projects.choices import choices
from grants.queries.projects.many import Action, ProjectCandidate, candidates, money
from grants.queries.projects.projects import PAGE
from grants.web.access import access, check_fresh, me
from grants.web.filters import number
from grants.web.forms import refusals_at, what_was_sent
from grants.web.instruction import bp
from grants.web.instruction.list_filters import in_address, read, typed_columns
from grants.web.instruction.loading import ContractYear, place
from grants.web.instruction.many_actions import DEEDS, Batch, Chosen, chosen, gathered
from grants.web.instruction.many_form import ManyForm
from grants.web.instruction.operations import tell_done

RECOUNTED = (
    "Rien n'a été fait : les dossiers cochés ne sont plus ceux qui avaient été comptés. Le compte"
    " est refait : vérifiez-le, puis confirmez."
)


@bp.route("/contrats/<slug>/<int:year>/plusieurs", methods=["GET", "POST"])
@access("contract.instruct_part", place)
def many(place: ContractYear) -> ResponseReturnValue:
    offered = choices(place.contract.id, place.year)
    filters, _ignored = read(request.args, place.contract, offered)
    what = chosen(place, request.args.get("quoi", ""), offered)
    ids = None if request.args.get("lot") == "tous" else _ids(request.args.getlist("projet"))
    if what is None:
        flash("Choisissez ce qu'il faut faire des dossiers.", "warning")
        return redirect(_list(place, filters, ids or []))
    if what.action is Action.NOTIFY:
        check_fresh()
    sent = what_was_sent()
    counted_again = "recalculer" in request.form
    ticked = _ids(sent.getlist("projet")) if sent is not None else None
    batch = gathered(place, what, filters, ids, ticked)
    form = ManyForm.of(what, batch)
    if not counted_again and form.validate_on_submit():
        made = _done(place, what, form, ticked or [])
        if made is not None:
            return redirect(_list(place, filters, []))
        batch = gathered(place, what, filters, ids, ticked)
    back = _list(place, filters, _still_ticked(batch, ids))
    page = _page(place, what, batch, form, back, from_list=ids is not None)
    return page, 422 if request.method == "POST" and not counted_again else 200


def _page(place: ContractYear, what: Chosen, batch: Batch, form: ManyForm, back: str, *, from_list: bool) -> str:
    """What would be done; nothing to confirm while an envelope says no."""
    form.show(batch)
    room = _room(place, what, batch.ticked)
    return render_template(
        "instruction/many.html",
        contract=place.contract,
        year=place.year,
        what=what,
        said=DEEDS[what.action],
        batch=batch,
        form=form,
        most=MOST,
        back=back,
        room=room,
        may_be_done=batch.ticked and all(left >= 0 for _, _, left in room),
        ticked={one.id for one in batch.ticked},
        from_list=from_list,
    )


def _ids(typed: list[str]) -> list[int]:
    """Those that could be ids; of the others nothing is found. One too many tells that they are."""
    return [id for text in typed[: MOST + 1] if (id := number(text))]


def _list(place: ContractYear, filters: Filters, ticked: list[int]) -> str:
    """Its address, where one came from. More than a page of it are not ticked again: it ticks
    only what it shows."""
    query: dict[str, Any] = in_address(filters) | typed_columns() | {"page": number(request.args.get("page", ""))}
    return url_for(
        "instruction.projects",
        slug=place.contract.slug,
        year=place.year,
        **query,
        projet=ticked if len(ticked) <= PAGE else [],
    )


def _still_ticked(batch: Batch, ids: list[int] | None) -> list[int]:
    """For the list: all of those ticked there but the ones unticked here. Where none was ticked
    there, but all taken, those of a list of one page from which some are unticked here."""
    kept = {one.id for one in batch.ticked}
    gone = {one.id for one in batch.applies} - kept
    if ids is not None:
        return [id for id in ids if id not in gone]
    return sorted(kept) if gone and len(kept | gone) <= PAGE else []


def _done(place: ContractYear, what: Chosen, form: ManyForm, ticked: list[int]) -> Operation | None:
    """The operation, committed and told; nothing where it was refused (the form says why)."""
    if set(ticked) != form.seen.keys():
        form.refuse(DomainError(RECOUNTED))
        return None
    with refusals_at(form), operation(place.contract.id, what.kind, by=me()) as made:
        count, amount = run(place, what, form)
    if form.errors:
        return None
    db.session.commit()
    done = DEEDS[what.action].done.format(who=what.name, s="s" if count > 1 else "")
    text = f"{counted(count, 'dossier')} : {done}"
    text += f", {euros(amount)} en tout." if amount else "."
    if what.action is Action.NOTIFY:
        flash(text, "success")
    else:
        tell_done(text, made, place.contract.slug)
    return made


def _room(
    place: ContractYear, what: Chosen, ticked: list[ProjectCandidate]
) -> list[tuple[EnvelopeRow, Decimal, Decimal]]:
    """Of each envelope that would pay: what is needed, and what is left (below zero: lacking)."""
    if what.action is not Action.ACCEPT:
        return []
    found = []
    for row in envelopes(place.contract.id, place.year):
        theirs = [one for one in ticked if one.campaign_id in row.campaign_ids]
        if row.funder_id == what.funder_id and theirs:
            needed = sum((one.proposed or Decimal(0) for one in theirs), Decimal(0))
            found.append((row, needed, (row.left or Decimal(0)) - needed))
    return found


def run(place: ContractYear, what: Chosen, form: ManyForm) -> tuple[int, Decimal]:
    """Do it with the projects that the form carries, as they were seen; how many, and how much."""
    seen = form.seen
    rows = candidates(
        place.contract.id,
        place.year,
        Filters(),
        ids=seen,
        funder_id=what.funder_id,
        person_id=what.person_id,
        most=MOST,
    )
    if {one.id for one in rows} != seen.keys() or not rows:
        raise DomainError(
            "Aucun dossier n'est choisi, ou l'un d'eux n'est plus dans la liste : revenez à la liste, puis recommencez."
        )
    funder = db.session.get_one(Funder, what.funder_id) if what.funder_id else None
    if funder is not None:
        refuse_too_many(seen)
        with naming():
            _of_funder(funder, rows, what, form)
    elif what.person_id:
        person, following = db.session.get_one(User, what.person_id), what.action is Action.FOLLOW
        follow_many(place.contract, seen, person, by=me(), following=following)
    elif what.action is Action.ADMIT:
        admit_many(place.contract, seen, by=me())
    else:
        ask_many(place.contract, seen, form.wanted(), by=me())
    return len(rows), sum((money(what.action, one) or Decimal(0) for one in rows), Decimal(0))


def _of_funder(funder: Funder, rows: list[ProjectCandidate], what: Chosen, form: ManyForm) -> None:
    """What is proposed is what was seen, or else the version says so."""
    if what.action is Action.CONFIRM:
        confirm(funder, form.seen, by=me())
    elif what.action is Action.NOTIFY:
        notice = Notice(form.typed("act_number"), form.act_date.data, form.typed("typed_from"))
        notify(funder, form.seen, notice, by=me())
    else:
        wishes = [Wish(one.id, funder.id, form.seen[one.id], form.decision(what.action, one)) for one in rows]
        write(wishes, by=me())
