"""Cells of the grid written in one go, one or many, all of them or none.

The locks are those of a single decision, in the same order, each kind of row for all of them at
once (docs/decisions/database.md); the number of reads depends on that of lines to open alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from grants.database import db
from grants.domain.decisions import rules
from grants.domain.decisions.lines import NOT_YOURS, describe, read
from grants.domain.decisions.rules import Decision
from grants.domain.decisions.write import granted_beside, open_line, record, record_proposal
from grants.domain.envelope import check_rooms
from grants.domain.ledger.operation import operation
from grants.domain.locking import fresh_all
from grants.errors import Conflict, DomainError, NotAllowed
from grants.french import euros
from grants.models import (
    Campaign,
    Contract,
    Funder,
    FundingLine,
    Operation,
    Outcome,
    Project,
    State,
    User,
)
from grants.permissions import decides_for, was_deposited

Key = tuple[int, int]


@dataclass(frozen=True)
class CellWrite:
    """`outcome`: nothing where an amount (or none) is proposed. `version`: of the line that the
    person saw; nought where there was none, which opens it."""

    project_id: int
    funder_id: int
    version: int
    outcome: Outcome | None
    amount: Decimal | None

    @property
    def key(self) -> Key:
        return self.project_id, self.funder_id


@dataclass(frozen=True)
class Why:
    """Said once for all cells; see `Decision`."""

    reason: str = ""
    raised_reason: str = ""
    revision_reason: str = ""
    typed_from: str = ""


class CellRefused(Exception):
    """`error`, and the cell that it is about, where it is about one."""

    def __init__(self, error: DomainError, key: Key | None) -> None:
        super().__init__(error.message)
        self.error = error
        self.key = key


def write(
    contract: Contract, year: int, cells: Sequence[CellWrite], why: Why, *, by: User
) -> Operation:
    """What is proposed on a line stands before what is decided on it. Raises `NotAllowed` for a
    cell that is not this person's, and `CellRefused` with the `DomainError` of the first one that
    cannot be."""
    projects = _projects(contract, year, cells)
    funders = _funders(contract, cells, by)
    fresh_all(Campaign, {p.campaign_id for p in projects.values()}, shared=True)
    found = read(projects.values(), funders.values())
    with operation(contract.id, _kind(cells), by=by) as made:
        for cell in cells:
            with _at(cell.key):
                _check_seen(found.get(cell.key), cell, projects[cell.project_id])
                if cell.key not in found:
                    project, funder = projects[cell.project_id], funders[cell.funder_id]
                    found[cell.key] = _open(project, funder, why, by)
        for cell in cells:
            if cell.outcome is None:
                with _at(cell.key):
                    record_proposal(
                        found[cell.key], cell.amount, by, why.typed_from, why.revision_reason,
                        why.raised_reason,
                    )  # fmt: skip
        _decide([(found[c.key], c) for c in cells if c.outcome], why, by)
        db.session.flush()
    return made


@contextmanager
def _at(key: Key | None) -> Iterator[None]:
    try:
        yield
    except NotAllowed:
        raise
    except DomainError as error:
        raise CellRefused(error, key) from error


def _projects(contract: Contract, year: int, cells: Sequence[CellWrite]) -> dict[int, Project]:
    """Locked, all of this contract and year."""
    ids = {cell.project_id for cell in cells}
    found = fresh_all(Project, ids, options=[joinedload(Project.campaign)])
    here = (contract.id, year)
    own = [p for p in found.values() if (p.contract_id, p.year) == here and was_deposited(p)]
    if len(own) != len(ids):
        raise NotAllowed("Un de ces dossiers n'est pas de cette année du contrat.")
    return found


def _funders(contract: Contract, cells: Sequence[CellWrite], by: User) -> dict[int, Funder]:
    ids = {cell.funder_id for cell in cells}
    funders = db.session.scalars(
        select(Funder)
        .where(Funder.id.in_(ids), Funder.contract_id == contract.id)
        .options(joinedload(Funder.institution))
    ).all()
    if len(funders) != len(ids) or not all(decides_for(by, funder) for funder in funders):
        raise NotAllowed(NOT_YOURS)
    return {funder.id: funder for funder in funders}


def _kind(cells: Sequence[CellWrite]) -> str:
    if len(cells) > 1:
        return "paste"
    return "decide" if cells and cells[0].outcome else "propose"


def _check_seen(line: FundingLine | None, cell: CellWrite, project: Project) -> None:
    if project.state is not State.ADMISSIBLE:
        raise DomainError("Ce dossier n'est pas (ou plus) recevable : aucune décision possible.")
    if (line.version if line else 0) != cell.version:
        now = describe(line) if line else "plus sollicité"
        raise Conflict(f"Cette ligne a changé entre-temps : elle dit maintenant {now}.")


def _open(project: Project, funder: Funder, why: Why, by: User) -> FundingLine:
    if not why.raised_reason.strip():
        raise DomainError(
            "Ce financeur n'a pas été sollicité pour ce dossier : indiquez pourquoi il s'en"
            " saisit.",
            "raised_reason",
        )
    return open_line(project, funder, why.raised_reason, by=by)


def _decide(cells: list[tuple[FundingLine, CellWrite]], why: Why, by: User) -> None:
    """All are checked, then the envelopes locked, then all written."""
    decisions: list[tuple[FundingLine, Key, Decision]] = []
    others = granted_beside([line.id for line, _ in cells]) if cells else {}
    needed: list[tuple[Key, Decimal]] = []
    for line, cell in cells:
        said = _decision(cell, why)
        with _at(cell.key):
            _check_raised(line, said)
            rules.check(line, said, others.get(line.project_id, Decimal(0)))
        if said.granted is not None:
            others[line.project_id] = others.get(line.project_id, Decimal(0)) + said.granted
            needed.append(((line.campaign_id, line.funder_id), rules.more(line, said)))
        decisions.append((line, cell.key, said))
    with _at(cells[0][1].key if len(cells) == 1 else None):
        check_rooms(needed)
    for line, key, said in decisions:
        with _at(key):
            record(line, said, by)


def _check_raised(line: FundingLine, said: Decision) -> None:
    """What `rules.check` refuses at the amount is asked for here: the grid has room for it."""
    asked = line.requested or Decimal(0)
    if said.granted and said.granted > asked and not rules.raised(line, said):
        raise DomainError(
            f"Le montant accordé dépasse le montant demandé ({euros(line.requested)}) :"
            " indiquez pourquoi il est relevé, ou diminuez-le.",
            "raised_reason",
        )


def _decision(cell: CellWrite, why: Why) -> Decision:
    """Each outcome takes the words that are its own."""
    outcome = cell.outcome or Outcome.PENDING
    accepts = outcome is Outcome.ACCEPTED
    return Decision(
        outcome,
        granted=cell.amount if accepts else None,
        reason="" if accepts else why.reason,
        raised_reason=why.raised_reason if accepts else "",
        revision_reason=why.revision_reason,
        typed_from=why.typed_from,
    )
