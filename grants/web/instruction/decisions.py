"""What a funder says of a project: propose, accept, reject, defer, cancel, revise, notify."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.decisions import write
from grants.domain.decisions.notify import confirm, notify
from grants.domain.decisions.rules import Decision
from grants.errors import DomainError
from grants.french import euros
from grants.models import WAITING, FundingLine, Outcome, State
from grants.permissions import instructs_for
from grants.queries.programming.envelopes import EnvelopeRow, envelopes
from grants.web.access import access, me
from grants.web.forms import saved
from grants.web.instruction import bp
from grants.web.instruction.forms import DecisionForm, NotificationForm, ReasonForm, options
from grants.web.instruction.loading import Cell, cell, listed
from grants.web.versioned import VersionedForm

ADDRESS = "/projets/<int:project_id>/financeurs/<int:funder_id>"

PROPOSE = "PROPOSE"
CHOICES: dict[object, str] = {
    PROPOSE: "Proposer un montant (le comité décidera)",
    Outcome.ACCEPTED: "Accorder",
    Outcome.REJECTED: "Refuser",
    Outcome.DEFERRED: "Reporter à plus tard",
    Outcome.CANCELLED: "Annuler l'accord (l'argent redevient disponible)",
}
DONE = {
    Outcome.ACCEPTED: "Accordé {amount} par {funder}.",
    Outcome.REJECTED: "Refusé par {funder}.",
    Outcome.DEFERRED: "Reporté par {funder}.",
    Outcome.CANCELLED: "Accord de {funder} annulé.",
}


@bp.route(ADDRESS, methods=["GET", "POST"])
@access("funder.decide", cell, of=lambda found: found.funder)
def decision(here: Cell) -> ResponseReturnValue:
    if here.line is None:
        return redirect(_to("opening", here))
    form = DecisionForm(data=_stored(here.line))
    form.choice.choices = options(_choices(here.line))
    form.over(here.line)
    if saved(form, lambda: _decide(here, form), lambda line: _done(here, line, form.choice.data)):
        return redirect(_back(here))
    form.show(here.line)
    return render_template("instruction/decision.html", form=form, **_shown(here))


@bp.route(f"{ADDRESS}/ouverture", methods=["GET", "POST"])
@access("funder.decide", cell, of=lambda found: found.funder)
def opening(here: Cell) -> ResponseReturnValue:
    if here.line is not None:
        return redirect(_to("decision", here))
    form = ReasonForm()
    if saved(
        form, lambda: write.open_line(here.project, here.funder, form.reason.data, by=me())
    ):
        return redirect(_to("decision", here))
    form.show(here.project)
    return render_template("instruction/opening.html", form=form, **_shown(here))


@bp.route(f"{ADDRESS}/notification", methods=["GET", "POST"])
@access("funder.decide", cell, of=lambda found: found.funder)
def notification(here: Cell) -> ResponseReturnValue:
    if here.line is None or here.line.outcome in WAITING:
        flash("Il n'y a pas encore de décision à notifier.", "warning")
        return redirect(_back(here))
    form = NotificationForm(obj=here.line)
    form.over(here.line)
    if saved(
        form,
        lambda: notify(
            here.project, here.funder, form.act_number.data, form.act_date.data,
            by=me(), version=form.seen, typed_from=form.typed_from.data,
        ),
        f"Décision de {here.funder.label} notifiée : le porteur la voit.",
    ):  # fmt: skip
        return redirect(_back(here))
    form.show(here.line)
    return render_template("instruction/notification.html", form=form, **_shown(here))


@bp.post(f"{ADDRESS}/confirmation")
@access("funder.confirm", cell, of=lambda found: found.funder)
def confirmation(here: Cell) -> ResponseReturnValue:
    form = VersionedForm()
    try:
        confirm(here.project, here.funder, by=me(), version=form.seen)
    except DomainError as error:
        db.session.rollback()
        flash(error.message, "danger")
    else:
        db.session.commit()
        flash(f"Montants de {here.funder.label} confirmés.", "success")
    return redirect(_back(here))


def _decide(here: Cell, form: DecisionForm) -> FundingLine:
    """Only the fields of the chosen decision count."""
    chosen, revision = form.choice.data, form.revision_reason.data
    if chosen == PROPOSE:
        return write.propose(
            here.project, here.funder, form.proposed.data, by=me(), version=form.seen,
            typed_from=form.typed_from.data, revision_reason=revision,
            raised_reason=form.raised_reason.data,
        )  # fmt: skip
    accepts, rejects = chosen == Outcome.ACCEPTED, chosen == Outcome.REJECTED
    said = Decision(
        Outcome(chosen),
        granted=form.granted.data if accepts else None,
        reason="" if accepts else form.reason.data,
        condition=form.condition.data if accepts else "",
        redirected_to=form.redirected_to.data if rejects else "",
        raised_reason=form.raised_reason.data if accepts else "",
        revision_reason=revision,
        typed_from=form.typed_from.data,
    )
    return write.decide(here.project, here.funder, said, by=me(), version=form.seen)


def _stored(line: FundingLine) -> dict[str, object]:
    """What the form shows at first; a reason to change is always typed anew."""
    decided = line.outcome not in WAITING
    suggested = line.granted if decided else line.proposed or line.requested
    return {
        "choice": line.outcome.value if decided else None,
        "proposed": line.proposed, "granted": suggested, "condition": line.condition,
        "raised_reason": line.raised_reason, "reason": line.reason,
        "redirected_to": line.redirected_to, "typed_from": line.typed_from,
    }  # fmt: skip


def _choices(line: FundingLine) -> list[tuple[object, str]]:
    found = dict(CHOICES)
    if line.outcome not in WAITING:
        del found[PROPOSE]
    if line.outcome is not Outcome.ACCEPTED:
        del found[Outcome.CANCELLED]
    return list(found.items())


def _done(here: Cell, line: FundingLine, choice: str) -> str:
    """What was done, and what is left."""
    if choice != PROPOSE:
        text = DONE[line.outcome].format(amount=euros(line.granted), funder=here.funder.label)
    else:
        text = f"Proposé {euros(line.proposed)} par {here.funder.label}."
    envelope = _envelope(here)
    if envelope and envelope.left is not None:
        text += f" Reste sur l'enveloppe : {euros(envelope.left)}."
        if envelope.warning:
            text += f" Attention : {envelope.warning}."
    return text


def _envelope(here: Cell) -> EnvelopeRow | None:
    for row in envelopes(here.project.contract_id, here.project.year):
        if row.funder_id == here.funder.id and here.project.campaign_id in row.campaign_ids:
            return row
    return None


def _shown(here: Cell) -> dict[str, object]:
    """What the pages of a cell show beside their form."""
    return {
        "project": here.project,
        "funder": here.funder,
        "line": here.line,
        "name": here.funder.label,
        "envelope": _envelope(here),
        "behalf": not instructs_for(me(), here.funder),
        "revises": here.line is not None and here.line.outcome not in WAITING,
        "validated": here.project.campaign.validated_at is not None,
        "open": here.project.state is State.ADMISSIBLE,
        "back": _back(here),
    }



def _back(here: Cell) -> str:
    return url_for(
        "instruction.sheet", project_id=here.project.id, liste=listed(), _anchor="financeurs"
    )


def _to(page: str, here: Cell) -> str:
    return url_for(
        f"instruction.{page}", project_id=here.project.id, funder_id=here.funder.id,
        liste=listed(),
    )  # fmt: skip
