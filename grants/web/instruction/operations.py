"""« Mes dernières opérations »: each undone by one press."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import select

from grants.database import db
from grants.domain.decisions.write import Wish, write
from grants.domain.ledger.operation import operation
from grants.domain.undo.operation import NEVER, UNDO, UNDO_DAYS, undo
from grants.errors import DomainError, NotAllowed
from grants.french import today
from grants.models import Contract, Operation, now
from grants.permissions import can, is_coordinator
from grants.queries.home.operations import asks_why, changed_since, latest
from grants.queries.home.waiting import latest_year
from grants.web.access import access, me
from grants.web.instruction import bp
from grants.web.instruction.loading import contract
from grants.web.scripts import for_script

LONGEST_REASON = 5000
KINDS = {
    UNDO: "Annulation",
    "propose": "Proposition",
    "decide": "Décision",
    "paste": "Collage",
    "open": "Ouverture d'une ligne",
    "accept": "Accord des montants proposés",
    "reject": "Refus",
    "defer": "Report",
    "ask_pieces": "Demande de pièces",
    "admit": "Déclaration de recevabilité",
    "follow": "Attribution à un instructeur",
    "unfollow": "Retrait d'un instructeur",
    "notify": "Notification",
    "confirm": "Confirmation de montants saisis pour nous",
    "link": "Renouvellements reliés",
    "import": "Import d'une programmation",
    "agree": "Dossiers de conventions",
    "list": "Liste de réglages collée",
}


def done(slug: str, operation_id: int) -> Operation | None:
    here = contract(slug)
    if here is None or not 0 < operation_id < 2**31:
        return None
    return db.session.scalar(select(Operation).where(Operation.id == operation_id, Operation.contract_id == here.id))


@bp.get("/contrats/<slug>/operations")
@access("contract.instruct", contract)
def operations(contract: Contract) -> ResponseReturnValue:
    return _page(contract)


def _page(contract: Contract, refused: int = 0, why: str = "") -> str:
    """`refused`: the operation whose undoing was, `why`."""
    found = latest(contract.id, me().id, coordinates=is_coordinator(me(), contract))
    since = now() - timedelta(days=UNDO_DAYS)
    offered = {one.id: one.at for one in found if one.at >= since and not one.undone_at and one.kind not in NEVER}
    return render_template(
        "instruction/operations.html",
        contract=contract,
        year=latest_year(contract.id) or today().year,
        found=found,
        changed=changed_since(offered),
        kinds=KINDS,
        since=since,
        days=UNDO_DAYS,
        longest=LONGEST_REASON,
        undo=UNDO,
        refused=refused,
        why=why,
        reason=request.form.get("reason", ""),
    )


@bp.post("/contrats/<slug>/operations/<int:operation_id>/annuler")
@access("operation.undo", done)
def undo_operation(operation: Operation) -> ResponseReturnValue:
    """For a script: which lines changed, and the operation that would undo this one."""
    slug = request.view_args["slug"] if request.view_args else ""
    try:
        back = undo(operation.id, by=me(), reason=_reason())
    except DomainError as refused:
        db.session.rollback()
        if for_script():
            status = 403 if isinstance(refused, NotAllowed) else 409
            return jsonify(message=refused.message, field=refused.field), status
        if refused.field == "reason":  # has the field for it
            return _page(db.session.get_one(Contract, operation.contract_id), operation.id, refused.message), 422
        flash(refused.message, "danger")
        return redirect(_where(operation, slug))
    db.session.commit()
    if for_script():
        return jsonify(
            operation=back.operation.id,
            projects=back.project_ids,
            cells=[{"project_id": p, "funder_id": f} for p, f in back.cells],
        )
    flash("Opération rétablie." if operation.kind == UNDO else "Opération annulée : tout est comme avant.", "success")
    return redirect(_where(operation, slug))


def _reason() -> str:
    reason = request.form.get("reason", "").replace("\x00", "").strip()
    if len(reason) > LONGEST_REASON:
        raise DomainError(f"Écrivez {LONGEST_REASON} caractères au plus : il y en a {len(reason)}.", "reason")
    return reason


def _where(operation: Operation, slug: str) -> str:
    """Back to the page of ours that one came from; else to all operations, or what one may open of the contract."""
    came = urlsplit(request.referrer or "")
    if came.netloc != request.host or not came.path.startswith("/contrats/"):
        every = can(me(), "contract.instruct", operation)
        return url_for("instruction.operations" if every else "instruction.home", slug=slug)
    return f"{came.path}?{came.query}" if came.query else came.path


def written(contract: Contract, year: int, wishes: Sequence[Wish]) -> Operation:
    """Written in one operation. Raises as `write`, and `NotAllowed` for a project of elsewhere."""
    with operation(contract.id, _kind(wishes), by=me()) as made:
        projects = [line.project for line in write(wishes, by=me()).values()]
    if any((project.contract_id, project.year) != (contract.id, year) for project in projects):
        raise NotAllowed("Un de ces dossiers n'est pas de cette année du contrat.")
    return made


def _kind(wishes: Sequence[Wish]) -> str:
    one = wishes[0]
    if len(wishes) > 1:
        return "paste"
    if one.decision.outcome:
        return "decide"
    return "open" if one.decision.opens and one.version == 0 else "propose"


def tell_done(message: str, operation: Operation | None, slug: str) -> str:
    """Said on the next page, with a button that undoes it (and a reason, where it takes one). Returns what is
    still to be said: the message, where nothing is undone."""
    if operation is None:
        return message
    text = render_template(
        "instruction/_undo.html",
        message=message,
        operation=operation,
        slug=slug,
        asks_why=asks_why(operation.id),
        longest=LONGEST_REASON,
    )
    flash(Markup(text), "success")  # noqa: S704  # a template of ours, which escapes
    return ""
