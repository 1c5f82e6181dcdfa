"""Funding lines put back to what they were before an operation, all of them or none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from grants.database import db
from grants.domain.decisions import rules
from grants.domain.decisions.lines import (
    NOT_YOURS,
    Lines,
    blank,
    describe,
    facts,
    granted_beside,
    own,
    put,
    read,
    refuse,
    without_room,
)
from grants.domain.decisions.refusals import LineKey
from grants.domain.instruction import many
from grants.domain.ledger import history
from grants.domain.locking import fresh_all
from grants.errors import Conflict, DomainError, NotAllowed
from grants.models import Campaign, CampaignFunder, Funder, FundingLine, Outcome, Project, User
from grants.permissions import instructs_for

# (project, funder) → field → what it was before the operation and after it, as history writes.
LinesBefore = Mapping[LineKey, Mapping[str, tuple[str, str]]]

CONFIRMED = {"confirmed_at", "confirmed_by_id"}


def restore(before: LinesBefore, projects: dict[int, Project], since: datetime, *, by: User, reason: str) -> None:
    """`projects`: locked already. Raises `Conflict` that names those changed or notified `since`,
    `NotAllowed` for another institution's column, `DomainError` where a validated programming
    has no `reason`, or the money that comes back to a line has no room any more."""
    confirmed = {key for key, fields in before.items() if fields.keys() <= CONFIRMED}
    funders = own(before, by)
    if not all(instructs_for(by, funders[funder_id]) for _, funder_id in confirmed):
        raise NotAllowed(NOT_YOURS)
    lines = read(projects.values(), funders.values())
    for key in before.keys() - lines.keys():
        lines[key] = _absent(projects[key[0]], funders[key[1]])
    many.refuse_changed(
        [
            f"{lines[key].project.reference} ({lines[key].funder.label} : {why})"
            for key in sorted(before)
            if (why := changed(lines[key], before[key], since))
        ]
    )
    _check_reason(before, projects, reason)
    values = {key: _values(fields) for key, fields in before.items()}
    _check_money({key: lines[key] for key in before}, values)
    with db.session.no_autoflush:  # the check constraints see all of a line together
        for key in sorted(before):
            _put_back(lines[key], values[key], by, reason)
    db.session.flush()


def _absent(project: Project, funder: Funder) -> FundingLine:
    """Raises `Conflict` where its funder has left the call meanwhile."""
    if db.session.get(CampaignFunder, (project.campaign_id, funder.id)) is None:
        raise Conflict(f"Rien n'a été annulé : {funder.label} ne participe plus à l'appel de {project.reference}.")
    return blank(project, funder)


def changed(line: FundingLine, fields: Mapping[str, tuple[str, str]], since: datetime) -> str | None:
    """Say what has happened to the line since; nothing where it is as it was left."""
    if line.notified_at and line.notified_at > since:
        return "notifié"
    if any(history.text_of(getattr(line, name)) != new for name, (_, new) in fields.items()):
        return describe(line)
    if fields.keys() <= CONFIRMED:
        return None
    if "decided_at" not in fields and not line.waits:
        return describe(line)  # of a proposal that was decided on since
    return next((why.undoing for why in rules.closed(facts(line))), None)


def _check_reason(before: LinesBefore, projects: dict[int, Project], reason: str) -> None:
    """Whether a programming is validated stays so until the end."""
    amounts = {id for (id, _), fields in before.items() if not fields.keys() <= CONFIRMED}
    calls = fresh_all(Campaign, {projects[id].campaign_id for id in amounts}, shared=True)
    if any(call.validated_at for call in calls.values()) and not reason.strip():
        raise DomainError("La programmation est validée : indiquez pourquoi cette opération est annulée.", "reason")


def _values(fields: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    columns: Any = FundingLine.__table__.c
    return {name: history.value_of(columns[name], old) for name, (old, _) in fields.items()}


def _check_money(lines: Lines, values: Mapping[LineKey, Mapping[str, Any]]) -> None:
    """Refuse what would come back beyond request, total cost or envelope, whatever happened since."""
    others = granted_beside(lines.values())
    needed: list[tuple[FundingLine, Decimal]] = []
    for key in sorted(lines):
        line, to = lines[key], values[key]
        granted = to.get("granted", line.granted) or Decimal(0)
        others[key[0]] = others.get(key[0], Decimal(0)) + granted
        _check_line(line, granted, others[key[0]] - granted, to)
        needed.append((line, granted - (line.granted or Decimal(0))))
    refuse(without_room((line, more) for line, more in needed if more))


def _check_line(line: FundingLine, granted: Decimal, beside: Decimal, to: Mapping[str, Any]) -> None:
    if not granted or granted == line.granted:
        return
    why = to.get("raised_reason", line.raised_reason)
    for refused in rules.grants_too_much(facts(line, beside), granted, why):
        raise DomainError(f"{line.project.reference} : {refused.undoing}")


def _put_back(line: FundingLine, values: dict[str, Any], by: User, reason: str) -> None:
    """Write the values in the reverse order, so that a line that an institution opened, and which is there for its
    reason alone, goes last and comes first."""
    opens = not line.id
    if opens:
        db.session.add(line)
        db.session.flush()
    left = {"requested": line.requested, "proposed": line.proposed, "outcome": line.outcome} | values
    goes = "raised_reason" in values and left == {
        **left,
        "requested": None,
        "proposed": None,
        "raised_reason": "",
        "outcome": Outcome.PENDING,
    }
    if goes:  # history keeps all that was in it
        values = values | {"typed_from": "", "confirmed_at": None, "confirmed_by_id": None}
    for name, value in reversed(values.items()):
        turn = name == "raised_reason" and (opens or goes)
        action = ("open" if opens else "delete") if turn else "undo"
        put(line, action, by, reason, **{name: value})
    if goes:
        db.session.delete(line)
