"""Funders' lines on projects: locked and read afresh, one or many, and written with their history.

Every function locks projects first, envelopes last, each kind for all lines by one statement
(docs/decisions/database.md): in one order, two people who decide at the same instant wait for each
other instead of overrunning an envelope.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from grants.database import copy_as, db
from grants.domain.decisions import rules
from grants.domain.decisions.refusals import Code, LineKey, Refusal, Refused, Stale, refusal
from grants.domain.decisions.rules import Facts
from grants.domain.envelope import rooms
from grants.domain.ledger import history
from grants.domain.locking import fresh_all
from grants.errors import NotAllowed
from grants.french import euros
from grants.models import Funder, FundingLine, Outcome, Project, User
from grants.permissions import decides_for, instructs_for, was_deposited
from grants.words import word

NOT_YOURS = "Vous ne pouvez écrire que dans les colonnes de votre institution."

Lines = dict[LineKey, FundingLine]


def locked(keys: Iterable[LineKey], by: User, may: Callable[[User, Funder], bool] = decides_for) -> Lines:
    """Lock the lines of these projects and funders, in the order of locks; one that is not there is
    `blank`. Raises `NotAllowed` for a column that is not this person's."""
    wanted = sorted(set(keys))
    projects = fresh_all(
        Project,
        {project_id for project_id, _ in wanted},
        options=[joinedload(Project.campaign), joinedload(Project.organisation)],
    )
    funders = own(wanted, by, may)
    for project_id, funder_id in wanted:
        project = projects.get(project_id)
        if project is None or project.contract_id != funders[funder_id].contract_id or not was_deposited(project):
            raise NotAllowed(NOT_YOURS)
    found = read(projects.values(), funders.values())
    return {key: found.get(key) or blank(projects[key[0]], funders[key[1]]) for key in wanted}


def own(keys: Collection[LineKey], by: User, may: Callable[[User, Funder], bool] = decides_for) -> dict[int, Funder]:
    """Give the funders by id; raises `NotAllowed` unless `by` writes for every one of them."""
    ids = {funder_id for _, funder_id in keys}
    funders = db.session.scalars(select(Funder).where(Funder.id.in_(ids)).options(joinedload(Funder.institution)))
    found = {funder.id: funder for funder in funders if may(by, funder)}
    if found.keys() != ids:
        raise NotAllowed(NOT_YOURS)
    return found


def read(projects: Collection[Project], funders: Collection[Funder]) -> Lines:
    """Read afresh in one query; each knows its project and funder."""
    of, by = {p.id: p for p in projects}, {f.id: f for f in funders}
    lines = db.session.scalars(
        select(FundingLine)
        .where(FundingLine.project_id.in_(of), FundingLine.funder_id.in_(by))
        .order_by(FundingLine.project_id, FundingLine.funder_id)
        .execution_options(populate_existing=True)
    ).all()
    for line in lines:
        set_committed_value(line, "project", of[line.project_id])
        set_committed_value(line, "funder", by[line.funder_id])
    return {(line.project_id, line.funder_id): line for line in lines}


def blank(project: Project, funder: Funder) -> FundingLine:
    """Make a line that stands for one that is not there (any more), with nothing in it."""
    return FundingLine(
        project=project,
        campaign_id=project.campaign_id,
        funder=funder,
        outcome=Outcome.PENDING,
        condition="",
        reason="",
        redirected_to="",
        raised_reason="",
        typed_from="",
        act_number="",
    )


def facts(line: FundingLine, beside: Decimal | None = None) -> Facts:
    """`beside`: euros that other funders grant to its project."""
    return copy_as(
        Facts,
        line,
        state=line.project.state,
        validated=line.project.campaign.validated_at,
        total_cost=line.project.total_cost,
        beside=beside,
        outcome=line.outcome if line.id else None,
        raised=line.raised_reason,
    )


def granted_beside(lines: Iterable[FundingLine]) -> dict[int, Decimal]:
    """Add up, by project, the euros that all other lines than these grant to it; these may be blank."""
    lines = list(lines)
    records = db.session.execute(
        select(FundingLine.project_id, func.sum(FundingLine.granted))
        .where(
            FundingLine.project_id.in_({line.project.id for line in lines}),
            FundingLine.id.not_in([line.id for line in lines if line.id]),
        )
        .group_by(FundingLine.project_id)
    )
    return {project_id: total or Decimal(0) for project_id, total in records}


def refuse(pairs: Iterable[tuple[FundingLine | None, Refusal]], kind: type[Refused] = Refused) -> None:
    """Raises it where anything is refused."""
    if refused := list(pairs):
        raise kind(
            [((line.project.id, line.funder.id) if line else None, why) for line, why in refused],
            {line.project.id: line.project.reference or "" for line, _ in refused if line},
        )


def refuse_stale(lines: Lines, seen: Mapping[LineKey, int | None]) -> None:
    """Raises `Stale` for lines that are past the version `seen` (nothing: whatever it is; nought:
    none was there), and `Refused` for one that would have to be opened first."""
    refuse(
        (
            (line, refusal(Code.CHANGED, now=describe(line)))
            for key, line in lines.items()
            if seen[key] not in (None, line.version or 0)
        ),
        Stale,
    )
    refuse((line, refusal(Code.NOT_ASKED)) for key, line in lines.items() if not line.id and seen[key] is None)


def without_room(needed: Iterable[tuple[FundingLine, Decimal]]) -> Iterator[tuple[FundingLine | None, Refusal]]:
    """(line, euros that it takes more or less); the envelopes stay locked. What is refused is about
    no line where there are several."""
    changes = list(needed)
    about = changes[0][0] if len(changes) == 1 else None
    for room in rooms(((line.project.campaign_id, line.funder.id), more) for line, more in changes):
        for why in rules.no_room(room.needed, room.left, raises=room.raises):
            yield about, why


def describe(line: FundingLine) -> str:
    """Say the line in words, for a conflict that shows both values."""
    if not line.id:
        return "plus sollicité"
    granted = f" {euros(line.granted)}" if line.granted else ""
    return f"proposé {euros(line.proposed)}, {word(line.outcome)}{granted}"


def behalf(funder: Funder, by: User) -> str:
    """Give the institution that `by` is not of, and writes for; nothing where it is their own."""
    return "" if instructs_for(by, funder) else funder.institution.label


def put(line: FundingLine, action: str, by: User, why: str, /, **values: Any) -> None:
    """Set and record them; the caller flushes."""
    with db.session.no_autoflush:  # the check constraints hold for all of them together
        for field, value in values.items():
            history.change(line, action, field, value, by=by, reason=why, **_for_whom(line, by))


def add(line: FundingLine, raised: str, by: User) -> None:
    """Open a `blank` line for this reason."""
    line.raised_reason = raised
    db.session.add(line)
    db.session.flush()
    history.record(line, "open", by=by, field="raised_reason", new=raised, reason=raised, **_for_whom(line, by))


def _for_whom(line: FundingLine, by: User) -> dict[str, Any]:
    own = instructs_for(by, line.funder)
    return {"on_behalf_of_id": None if own else line.funder.institution_id}
