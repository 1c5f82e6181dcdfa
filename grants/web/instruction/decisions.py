"""What a funder says of a project: propose, accept, reject, defer, cancel, revise, notify."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from grants.database import db
from grants.domain.decisions import rules
from grants.domain.decisions.notify import confirm, notify
from grants.domain.decisions.rules import Decision, Notice
from grants.domain.decisions.write import Wish
from grants.domain.ledger.operation import operation
from grants.french import euros
from grants.models import FundingLine, Operation, Outcome
from grants.permissions import instructs_for
from grants.queries.programming.envelopes import EnvelopeRow, envelopes
from grants.web.access import access, me
from grants.web.buttons import attempt
from grants.web.forms import saved
from grants.web.instruction import bp
from grants.web.instruction.forms import PROPOSE, DecisionForm, NotificationForm, OpeningForm, decision_form
from grants.web.instruction.loading import Cell, cell, listed, to_sheet, whole_project
from grants.web.instruction.operations import tell_done, written
from grants.web.instruction.sheet import on_sheet, sheet_page
from grants.web.versioned import VersionedForm

ADDRESS = "/projets/<int:project_id>/financeurs/<int:funder_id>"

DONE = {
    Outcome.ACCEPTED: "Accordé {amount} par {funder}.",
    Outcome.REJECTED: "Refusé par {funder}.",
    Outcome.DEFERRED: "Reporté par {funder}.",
    Outcome.CANCELLED: "Accord de {funder} annulé.",
}


@bp.route(ADDRESS, methods=["GET", "POST"])
@access("funder.decide", cell, about=lambda loaded: loaded.funder)
def decision(cell: Cell) -> ResponseReturnValue:
    if cell.line is None:
        return redirect(_to("opening", cell))
    form = decision_form(cell.line)
    if saved(form, lambda: _write(cell, _decision(form), form.seen), lambda made: _done(cell, form, made)):
        return redirect(_back(cell))
    form.show(cell.line)
    if on_sheet() and (project := whole_project(cell.project.id)):
        return sheet_page(project, cell.funder.id, form)
    return render_template("instruction/decision.html", form=form, **_shown(cell))


@bp.route(f"{ADDRESS}/ouverture", methods=["GET", "POST"])
@access("funder.decide", cell, about=lambda loaded: loaded.funder)
def opening(cell: Cell) -> ResponseReturnValue:
    if cell.line is not None:
        return redirect(_to("decision", cell))
    form = OpeningForm()
    if saved(form, lambda: _write(cell, Decision(None, raised_reason=form.raised_reason.data), 0)):
        return redirect(_to("decision", cell))
    form.show(cell.project)
    return render_template("instruction/opening.html", form=form, **_shown(cell))


@bp.route(f"{ADDRESS}/notification", methods=["GET", "POST"])
@access("funder.decide", cell, about=lambda loaded: loaded.funder, fresh=True)
def notification(cell: Cell) -> ResponseReturnValue:
    if cell.line is None or cell.line.waits:
        flash("Il n'y a pas encore de décision à notifier.", "warning")
        return redirect(_back(cell))
    form = NotificationForm(obj=cell.line)
    form.over(cell.line)
    if saved(
        form,
        lambda: _notify(cell, form.seen, Notice(form.act_number.data, form.act_date.data, form.typed_from.data)),
        f"Décision de {cell.funder.label} notifiée : le porteur la voit.",
    ):
        return redirect(_back(cell))
    form.show(cell.line)
    return render_template("instruction/notification.html", form=form, **_shown(cell))


@bp.post(f"{ADDRESS}/confirmation")
@access("funder.confirm", cell, about=lambda loaded: loaded.funder)
def confirmation(cell: Cell) -> ResponseReturnValue:
    version, slug = VersionedForm().seen, cell.project.campaign.contract.slug

    def confirmed() -> Operation:
        with operation(cell.project.contract_id, "confirm", by=me()) as made:
            confirm(cell.funder, {cell.project.id: version}, by=me())
        return made

    done = f"Montants de {cell.funder.label} confirmés."
    return attempt(confirmed, back=_back(cell), done=lambda made: tell_done(done, made, slug))


def _write(cell: Cell, decision: Decision, version: int | None) -> Operation:
    wish = Wish(cell.project.id, cell.funder.id, version, decision)
    return written(cell.project.campaign.contract, cell.project.year, [wish])


def _notify(cell: Cell, version: int | None, notice: Notice) -> None:
    with operation(cell.project.contract_id, "notify", by=me()):
        notify(cell.funder, {cell.project.id: version}, notice, by=me())


def _decision(form: DecisionForm) -> Decision:
    """Only the fields of the chosen decision count."""
    outcome = None if form.choice.data == PROPOSE else Outcome(form.choice.data)
    proposes, accepts = outcome is None, outcome is Outcome.ACCEPTED
    return Decision(
        outcome,
        form.proposed.data if proposes else form.granted.data if accepts else None,
        reason="" if proposes or accepts else form.reason.data,
        condition=form.condition.data if accepts else "",
        redirected_to=form.redirected_to.data if outcome is Outcome.REJECTED else "",
        raised_reason=form.raised_reason.data if proposes or accepts else "",
        revision_reason=form.revision_reason.data,
        typed_from=form.typed_from.data,
    )


def _done(cell: Cell, form: DecisionForm, operation: Operation) -> str:
    """What was done, and what is left."""
    line = db.session.scalars(select(FundingLine).filter_by(project_id=cell.project.id, funder_id=cell.funder.id)).one()
    if form.choice.data == PROPOSE:
        text = f"Proposé {euros(line.proposed)} par {cell.funder.label}."
    else:
        text = DONE[line.outcome].format(amount=euros(line.granted), funder=cell.funder.label)
    envelope = _envelope(cell)
    if envelope and envelope.left is not None:
        text += f" Reste sur l'enveloppe : {euros(envelope.left)}."
        if envelope.warning:
            text += f" Attention : {envelope.warning}."
    if line.condition:
        text += f" Condition : {line.condition.rstrip('.')}."
    return tell_done(text, operation, cell.project.campaign.contract.slug)


def _envelope(cell: Cell) -> EnvelopeRow | None:
    for row in envelopes(cell.project.contract_id, cell.project.year):
        if row.funder_id == cell.funder.id and cell.project.campaign_id in row.campaign_ids:
            return row
    return None


def _shown(cell: Cell) -> dict[str, object]:
    """What the pages of a cell show beside their form."""
    return {
        "project": cell.project,
        "funder": cell.funder,
        "line": cell.line,
        "name": cell.funder.label,
        "envelope": _envelope(cell),
        "behalf": not instructs_for(me(), cell.funder),
        "revises": cell.line is not None and not cell.line.waits,
        "validated": cell.project.campaign.validated_at is not None,
        "open": rules.decidable(cell.project.state),
        "back": _back(cell),
    }


def _back(cell: Cell) -> str:
    """From the sheet's own form: to its beginning, which says what was done."""
    return to_sheet(cell.project, None if on_sheet() else "financeurs")


def _to(page: str, cell: Cell) -> str:
    return url_for(f"instruction.{page}", project_id=cell.project.id, funder_id=cell.funder.id, liste=listed())
