"""One funder's line on one project: found under its locks, and written with its history."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from grants.database import db
from grants.domain.ledger import history
from grants.domain.locking import fresh
from grants.domain.workflow import lock
from grants.errors import Conflict, DomainError, NotAllowed
from grants.french import euros
from grants.models import Funder, FundingLine, Project, State, User
from grants.permissions import decides_for, instructs_for
from grants.words import word

NOT_YOURS = "Vous ne pouvez écrire que dans les colonnes de votre institution."


def own_column(project: Project, funder: Funder, by: User) -> Project:
    """The project locked; raises `NotAllowed` for another institution's column."""
    lock(project)
    if funder.contract_id != project.contract_id or not decides_for(by, funder):
        raise NotAllowed(NOT_YOURS)
    return project


def deciding(project: Project, funder: Funder, by: User) -> Project:
    """`own_column` where something may still be decided."""
    project = own_column(project, funder, by)
    if project.state is not State.ADMISSIBLE:
        raise DomainError("Ce dossier n'est pas (ou plus) recevable : aucune décision possible.")
    fresh(project.campaign, shared=True)  # whether it is validated stays so until the end
    return project


def find(project: Project, funder: Funder) -> FundingLine | None:
    return read([project], [funder]).get((project.id, funder.id))


def read(
    projects: Collection[Project], funders: Collection[Funder]
) -> dict[tuple[int, int], FundingLine]:
    """By project and funder, read afresh in one query; each knows its project and funder."""
    of, by = {p.id: p for p in projects}, {f.id: f for f in funders}
    found = db.session.scalars(
        select(FundingLine)
        .where(FundingLine.project_id.in_(of), FundingLine.funder_id.in_(by))
        .order_by(FundingLine.project_id, FundingLine.funder_id)
        .execution_options(populate_existing=True)
    ).all()
    for line in found:
        set_committed_value(line, "project", of[line.project_id])
        set_committed_value(line, "funder", by[line.funder_id])
    return {(line.project_id, line.funder_id): line for line in found}


def line_of(project: Project, funder: Funder, version: int | None) -> FundingLine:
    """Raises `Conflict` when it is past `version`."""
    line = find(project, funder)
    if line is None:
        raise DomainError("Ce financeur n'a pas été sollicité : ouvrez d'abord sa ligne.")
    if version is not None and line.version != version:
        raise Conflict(
            "Cette ligne a changé entre-temps : elle dit maintenant"
            f" {describe(line)}. Vérifiez, puis recommencez."
        )
    return line


def describe(line: FundingLine) -> str:
    """The line in words, for a conflict that shows both values."""
    granted = f" {euros(line.granted)}" if line.granted else ""
    return f"proposé {euros(line.proposed)}, {word(line.outcome)}{granted}"


def behalf(funder: Funder, by: User) -> dict[str, Any]:
    """For history: the institution that `by` is not of, and writes for."""
    own = instructs_for(by, funder)
    return {"on_behalf_of_id": None if own else funder.institution_id}


def put(
    line: FundingLine, action: str, by: User, why: str, typed_from: str, /, **values: Any
) -> None:
    """Set and record them; the caller flushes. Raises `DomainError` where whoever writes on
    behalf of an institution names no source."""
    for_whom = behalf(line.funder, by)
    if for_whom["on_behalf_of_id"] is None:
        typed_from = ""
    elif not typed_from.strip():
        raise DomainError(
            "Indiquez la source (courriel, comité, arrêté…) : vous écrivez pour le compte de"
            f" {line.funder.institution.label}.",
            "typed_from",
        )
    if action != "notify":
        values |= {"typed_from": typed_from.strip(), "confirmed_at": None, "confirmed_by_id": None}
    with db.session.no_autoflush:  # the check constraints hold for all of them together
        for field, value in values.items():
            history.change(line, action, field, value, by=by, reason=why, **for_whom)
