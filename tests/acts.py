"""What a funder says of one project, as most tests need it: written, told and confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from grants.domain.decisions import lines
from grants.domain.decisions import notify as notices
from grants.domain.decisions.refusals import naming
from grants.domain.decisions.rules import Decision, Notice
from grants.domain.decisions.write import Wish, write, write_one
from grants.models import Funder, FundingLine, Project, User


def decide(project: Project, funder: Funder, said: Decision, **how: Any) -> FundingLine:
    return write_one(project, funder, said, **how)


def propose(
    project: Project, funder: Funder, amount: Decimal | None, *, by: User, version: int | None = None, **why: str
) -> FundingLine:
    return write_one(project, funder, Decision(None, amount, **why), by=by, version=version)


def open_line(project: Project, funder: Funder, reason: str, *, by: User) -> FundingLine:
    return write_one(project, funder, Decision(None, raised_reason=reason), by=by, version=0)


def notify(
    project: Project,
    funder: Funder,
    number: str,
    on: date | None,
    *,
    by: User,
    version: int | None = None,
    typed_from: str = "",
) -> FundingLine:
    notice = Notice(number, on, typed_from)
    told = notices.notify(funder, {project.id: version}, notice, by=by)
    return told[project.id, funder.id]


def confirm(project: Project, funder: Funder, *, by: User) -> FundingLine:
    return notices.confirm(funder, {project.id: None}, by=by)[project.id, funder.id]


def find(project: Project, funder: Funder) -> FundingLine | None:
    return lines.read([project], [funder]).get((project.id, funder.id))


def decide_many(
    funder: Funder, said: Mapping[int, Decision], seen: Mapping[int, int], *, by: User
) -> dict[int, FundingLine]:
    """As the page of many does; by project."""
    wishes = [Wish(id, funder.id, version, said[id]) for id, version in seen.items()]
    with naming():
        written = write(wishes, by=by)
    return {project_id: line for (project_id, _), line in written.items()}


def notify_many(
    funder: Funder, seen: Mapping[int, int], number: str, on: date | None, *, by: User, typed_from: str = ""
) -> None:
    with naming():
        notices.notify(funder, seen, Notice(number, on, typed_from), by=by)
