"""What the grid's script sends and asks: cells written, and what others have changed since."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from typing import Any

from flask import abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.decisions.refusals import Code, LineKey, Refused, refusal
from grants.domain.decisions.write import Wish
from grants.domain.money import parse_amount
from grants.errors import Conflict, DomainError
from grants.french import shortened
from grants.models import Outcome
from grants.names import clean
from grants.queries.programming.envelopes import envelopes
from grants.queries.programming.funder_columns import funder_columns, written_by
from grants.queries.programming.grid import changes, figures, latest_author
from grants.web.access import access, me
from grants.web.instruction import bp
from grants.web.instruction.forms import LONGEST as REASON
from grants.web.instruction.grid import ADDRESS
from grants.web.instruction.grid_cells import ACTIONS, for_script
from grants.web.instruction.grid_column import LONGEST as OF_A_COLUMN
from grants.web.instruction.grid_column import decision
from grants.web.instruction.loading import ContractYear, place
from grants.web.instruction.operations import written

MOST_CELLS = 1000
LARGEST_ID = 2**31
LONGEST = {"reason": REASON} | OF_A_COLUMN
NOT_STORED = re.compile("[\x00\ud800-\udfff]")


@bp.post(f"{ADDRESS}/cellules")
@access("contract.instruct", place)
def grid_cells(place: ContractYear) -> ResponseReturnValue:
    """All of them, or none."""
    sent = _sent()
    wishes: list[Wish] = []
    try:
        wishes = _wishes(sent.get("cells"), _why(sent))
        operation = written(place.contract, place.year, wishes).id
    except Refused as refused:
        db.session.rollback()
        return _refused(place, refused, refused.refusals[0][0], wishes)
    except DomainError as error:
        if error.field is None:
            raise
        return _refused(place, error, None, wishes)
    db.session.commit()
    rows = _rows(place, _ids(wishes))
    return jsonify(operation=operation, rows=rows, strip=_strip(place), kept=_kept(wishes))


def _kept(wishes: list[Wish]) -> str:
    """The conditions on which other amounts are granted now."""
    lines = {row.id: row.lines for row in figures(_ids(wishes))}
    granted = (lines[w.project_id][w.funder_id] for w in wishes if w.decision.outcome is Outcome.ACCEPTED)
    found = dict.fromkeys(line.condition for line in granted if line.condition)
    return f"Enregistré. Condition qui reste : {shortened(' ; '.join(found), 300)}" if found else ""


def _ids(wishes: list[Wish]) -> list[int]:
    return sorted({wish.project_id for wish in wishes})


def _refused(place: ContractYear, error: DomainError, key: LineKey | None, wishes: list[Wish]) -> ResponseReturnValue:
    answer: dict[str, Any] = {"message": error.message, "field": error.field}
    if key:
        answer |= {"project": key[0], "funder": key[1]}
    if not isinstance(error, Conflict) or key is None:
        return jsonify(answer), 422
    answer |= {"by": latest_author(*key), "rows": _rows(place, _ids(wishes))}
    return jsonify(answer), 409


@bp.get(f"{ADDRESS}/changements")
@access("contract.read_tables", place, passive=True)
def grid_changes(place: ContractYear) -> ResponseReturnValue:
    """`depuis`: what an earlier answer (or the page) gave as its instant, in milliseconds."""
    at = int(time.time() * 1000)
    since = min(max(request.args.get("depuis", at, type=int), 0), at)
    seen = request.args.get("vu", 0, type=int)
    news = changes(place.contract.id, place.year, datetime.fromtimestamp(since / 1000, UTC), seen)
    answer: dict[str, Any] = {"at": at, "reload": news.too_many, "rows": []}
    if news.any and not news.too_many:
        answer |= {"rows": _rows(place, sorted(news.by)), "by": news.by, "moved": news.moved, "strip": _strip(place)}
    return jsonify(answer)


def _rows(place: ContractYear, ids: list[int]) -> list[dict[str, object]]:
    columns = funder_columns(place.contract.id, place.year)
    outside = {column.id for _call, column in columns if column.outside}
    return [for_script(row, outside) for row in figures(ids)]


def _strip(place: ContractYear) -> str:
    return render_template(
        "instruction/grid_strip.html",
        envelopes=envelopes(place.contract.id, place.year),
        own=written_by(me(), place.contract),
    )


def _sent() -> dict[str, Any]:
    """Aborts (400) for what our script does not send."""
    try:
        sent = request.get_json(silent=True)
    except RecursionError:  # brackets within brackets without end
        sent = None
    if not isinstance(sent, dict):
        abort(400)
    return sent


def _wishes(cells: Any, why: dict[str, str]) -> list[Wish]:
    if not isinstance(cells, list) or not 0 < len(cells) <= MOST_CELLS:
        abort(400)
    wishes = [_wish(each, why) for each in cells if isinstance(each, dict)]
    if not wishes or len({wish.key for wish in wishes}) != len(cells):
        abort(400)
    return wishes


def _wish(sent: dict[str, Any], why: dict[str, str]) -> Wish:
    """An amount may be anything that one can type."""
    project_id, funder_id, version = (_id(sent.get(n)) for n in ("project", "funder", "version"))
    action, amount = sent.get("action"), sent.get("amount", "")
    if action not in list(ACTIONS) or not isinstance(amount, str):
        abort(400)
    try:
        euros = parse_amount(amount)
    except DomainError as error:
        unreadable = refusal(Code.UNREADABLE, why=error.message)
        raise Refused([((project_id, funder_id), unreadable)], {}) from None
    return Wish(project_id, funder_id, version, decision(ACTIONS[action], euros, why))


def _id(value: Any) -> int:
    if type(value) is not int or not 0 <= value < LARGEST_ID:
        abort(400)
    return value


def _why(sent: dict[str, Any]) -> dict[str, str]:
    texts = {name: sent.get(name, "") for name in LONGEST}
    for name, text in texts.items():
        if not isinstance(text, str):
            abort(400)
        texts[name] = text = clean(text)
        if len(text) > LONGEST[name] or NOT_STORED.search(text):
            raise DomainError(f"Au plus {LONGEST[name]} caractères, sans caractère invisible.", name)
    return texts
