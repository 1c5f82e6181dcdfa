"""Two rows of the same organisation become one: what hangs on one of them hangs on the other. The row that is
gone stays, for history and frozen deposits name it (`Merge`), and what moved is known, so that it can be undone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import exists, or_, select, update

from grants.database import all_of, db
from grants.domain.ledger import history
from grants.domain.locking import fresh_all, one_at_a_time
from grants.domain.organisation.profile import LABELS
from grants.errors import DomainError
from grants.models import (
    Agreement,
    Document,
    Invitation,
    LatePermission,
    Membership,
    Merge,
    Organisation,
    OrganisationBudgetLine,
    Project,
    User,
)

# What hangs on an organisation, and the column by which it has one alone of each: the kept one's then stays.
HANGING: dict[Any, str] = {
    Project: "",
    Agreement: "",
    Document: "",
    Membership: "user_id",
    LatePermission: "campaign_id",
    OrganisationBudgetLine: "year",
    Invitation: "",
}
BANK = ("iban", "bic", "account_holder")  # whose money goes where is typed by who signs for it, never taken over
BEARER = "bearer"


def hanging(gone: Organisation, kept: Organisation) -> dict[str, list[int]]:
    """By table, the rows of the one that would be the other's. One query a table."""
    found = {}
    for model, alone in HANGING.items():
        rows = select(model.id).where(model.organisation_id == gone.id).order_by(model.id)
        if alone:
            own = select(getattr(model, alone)).where(model.organisation_id == kept.id)
            rows = rows.where(getattr(model, alone).not_in(own))
        found[model.__tablename__] = all_of(rows)
    return found


def lacking(gone: Organisation, kept: Organisation) -> list[str]:
    """The fields that the kept one does not have, and the other does."""
    empty = ("", None)
    fields = [name for name in LABELS if name not in BANK]
    return [n for n in fields if getattr(kept, n) in empty and getattr(gone, n) not in empty]


def merge(gone: Organisation, kept: Organisation, *, by: User) -> Merge:
    """Raises `DomainError` for one and the same, and where one of them is merged already."""
    _lock(gone, kept)
    if gone.id == kept.id:
        raise DomainError("C'est la même organisation.")
    known = select(Merge).where(or_(Merge.gone_id.in_((gone.id, kept.id)), Merge.kept_id == gone.id))
    if db.session.scalar(known.limit(1)):
        raise DomainError(f"« {gone.name} » ou « {kept.name} » est déjà réunie à une autre : séparez-les d'abord.")
    made = Merge(kept_id=kept.id, gone_id=gone.id, moved=hanging(gone, kept), filled=lacking(gone, kept))
    db.session.add(made)
    _fill(kept, {name: getattr(gone, name) for name in made.filled}, by)
    _move(made.moved, gone, kept, by)
    return made


def undo(done: Merge, *, by: User) -> None:
    """Raises `DomainError` once something new hangs on the kept one."""
    kept, gone = (db.session.get_one(Organisation, id_) for id_ in (done.kept_id, done.gone_id))
    _lock(kept, gone)
    if _grown(done):
        raise DomainError(
            f"Depuis qu'elles sont réunies, « {kept.name} » a de nouveaux dossiers, documents ou membres :"
            " elles ne se séparent plus d'ici."
        )
    theirs = {name: getattr(gone, name) for name in done.filled}
    same = {name: value for name, value in theirs.items() if getattr(kept, name) == value}
    _fill(
        kept,
        {name: "" if isinstance(value, str) and name not in ("siret", "rna") else None for name, value in same.items()},
        by,
    )
    _move(done.moved, kept, gone, by)
    db.session.delete(done)
    db.session.flush()


def _lock(*both: Organisation) -> None:
    one_at_a_time("identity")
    fresh_all(Organisation, [each.id for each in both])


def _fill(kept: Organisation, values: dict[str, Any], by: User) -> None:
    history.change_each(kept, "edit", values, by=by)


def _move(rows: dict[str, list[int]], source: Organisation, to: Organisation, by: User) -> None:
    for model in HANGING:
        ids = rows[model.__tablename__]
        mine = (model.id.in_(ids), model.organisation_id == source.id)
        db.session.execute(
            update(model).where(*mine).values(organisation_id=to.id).execution_options(synchronize_session=False)
        )
    db.session.flush()
    db.session.expire_all()
    history.record(
        to, "merge_bearer", by=by, field=BEARER, old=source.name, new=to.name, contract_id=to.home_contract_id
    )
    for project in _projects(rows[Project.__tablename__]):
        history.record(project, "merge_bearer", by=by, field=BEARER, old=source.name, new=to.name)
    db.session.flush()


def _projects(ids: Iterable[int]) -> list[Project]:
    return all_of(select(Project).where(Project.id.in_(list(ids))).order_by(Project.id))


def _grown(done: Merge) -> bool:
    """Something hangs on the kept one that did not when they were merged."""
    since: dict[Any, Any] = {
        Project: Project.created_at,
        Document: Document.uploaded_at,
        Membership: Membership.requested_at,
    }
    new: list[Any] = [
        exists().where(model.organisation_id == done.kept_id, at > done.at) for model, at in since.items()
    ]
    return bool(db.session.scalar(select(or_(*new))))
