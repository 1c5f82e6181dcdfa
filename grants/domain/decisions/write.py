"""What funders say of projects, on one line or on many: all of it or nothing, in a number of
statements that does not grow with what is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from grants.database import db
from grants.domain.decisions import rules
from grants.domain.decisions.lines import (
    Lines,
    add,
    behalf,
    facts,
    granted_beside,
    locked,
    put,
    refuse,
    refuse_stale,
    without_room,
)
from grants.domain.decisions.refusals import Code, LineKey, Refusal, refusal
from grants.domain.decisions.rules import Decision
from grants.domain.dossier.communes import elsewhere, finances
from grants.domain.locking import fresh_all
from grants.models import Campaign, CampaignFunder, Funder, FundingLine, Outcome, Project, User, now
from grants.permissions import decides_for


@dataclass(frozen=True)
class Wish:
    """`version`: of the line that the person saw; nought where there was none, which opens it."""

    project_id: int
    funder_id: int
    version: int | None
    decision: Decision

    @property
    def key(self) -> LineKey:
        return self.project_id, self.funder_id


def write(wishes: Sequence[Wish], *, by: User, may: Callable[[User, Funder], bool] = decides_for) -> Lines:
    """What is proposed on a line stands before what is decided on it; the caller opens the
    operation that it belongs to. `may`: who writes in a column. Raises `NotAllowed` for another institution's
    column, `Stale` where a line has changed, and `Refused` with every refusal."""
    lines = locked((wish.key for wish in wishes), by, may)
    # Whether a programming is validated stays so until the end.
    fresh_all(Campaign, {line.project.campaign_id for line in lines.values()}, shared=True)
    refuse_stale(lines, {wish.key: wish.version for wish in wishes})
    _refuse_outside(lines)
    with db.session.no_autoflush:
        for decides in (False, True):
            decisions = [(lines[w.key], w.decision) for w in wishes if bool(w.decision.outcome) is decides]
            _check(decisions, by)
            for line, decision in decisions:
                _put(line, decision, by)
    db.session.flush()
    return lines


def write_one(
    project: Project, funder: Funder, decision: Decision, *, by: User, version: int | None = None
) -> FundingLine:
    return write([Wish(project.id, funder.id, version, decision)], by=by)[project.id, funder.id]


def _refuse_outside(lines: Lines) -> None:
    blank = [line for line in lines.values() if not line.id]
    if not blank:
        return
    taking_part = db.session.execute(
        select(CampaignFunder.campaign_id, CampaignFunder.funder_id).where(
            CampaignFunder.campaign_id.in_({line.campaign_id for line in blank})
        )
    )
    inside = {(campaign_id, funder_id) for campaign_id, funder_id in taking_part}
    refuse((line, refusal(Code.NOT_IN_CALL)) for line in blank if (line.campaign_id, line.funder.id) not in inside)
    refuse(
        (line, refusal(Code.ELSEWHERE, why=elsewhere(line.funder)))
        for line in blank
        if not finances(line.funder, line.project)
    )


def _check(decisions: Sequence[tuple[FundingLine, Decision]], by: User) -> None:
    """Check each line, then the envelopes: what the same person grants to one project in several columns
    adds up."""
    accepted = [(line, one) for line, one in decisions if one.outcome is Outcome.ACCEPTED]
    beside = granted_beside(line for line, _ in decisions) if accepted else {}
    refused: list[tuple[FundingLine | None, Refusal]] = []
    for line, one in decisions:
        others = beside.get(line.project.id, Decimal(0))
        whom = behalf(line.funder, by)
        refused += [(line, why) for why in rules.refusals(facts(line, others), one, whom)]
        if one.outcome is Outcome.ACCEPTED:
            beside[line.project.id] = others + (one.amount or Decimal(0))
    refused += without_room((line, (one.amount or Decimal(0)) - (line.granted or Decimal(0))) for line, one in accepted)
    refuse(refused)


def _put(line: FundingLine, decision: Decision, by: User) -> None:
    raised = rules.raised(facts(line), decision)
    if not line.id:
        add(line, raised, by)
    typed_from = decision.typed_from.strip() if behalf(line.funder, by) else ""
    typed = {"typed_from": typed_from, "confirmed_at": None, "confirmed_by_id": None}
    if decision.outcome is None:
        put(line, "propose", by, decision.why, proposed=decision.amount, raised_reason=raised, **typed)
        return
    written = decided(decision, by.id, now(), line.condition)
    put(line, decision.outcome.value.lower(), by, decision.why, **written, raised_reason=raised, **typed)


def decided(decision: Decision, by_id: int, at: datetime, condition: str = "") -> dict[str, Any]:
    """What a decision writes on its line, whoever it is for: it is not notified yet. `condition`:
    what stands."""
    accepts = decision.outcome is Outcome.ACCEPTED
    asked = decision.condition if decision.condition is not None else condition if accepts else ""
    return {
        "outcome": decision.outcome,
        "granted": decision.amount if accepts else None,
        "reason": decision.reason.strip(),
        "condition": asked.strip(),
        "redirected_to": decision.redirected_to.strip(),
        "decided_by_id": by_id,
        "decided_at": at,
        "notified_at": None,
        "act_number": "",
        "act_date": None,
    }
