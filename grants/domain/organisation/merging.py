"""Two rows of the same organisation become one: what hangs on one of them hangs on the other. The row that is
gone stays, for history and frozen deposits name it (`Merge`), and what moved is known, so that it can be undone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from grants.database import all_of, db
from grants.domain.ledger import history
from grants.domain.locking import fresh_all, one_at_a_time
from grants.domain.mail import mail
from grants.domain.organisation.profile import LABELS
from grants.errors import DomainError
from grants.models import (
    Agreement,
    Document,
    HistoryEntry,
    LatePermission,
    MemberRole,
    Membership,
    Merge,
    Organisation,
    OrganisationBudgetLine,
    Project,
    User,
)
from grants.permissions import require

Places = list[tuple[Membership, Membership]]
# What hangs on an organisation, and the column by which it has one alone of each: the kept one's then stays.
# Not invitations: who signs for the one has not vouched for people of the other. Nobody acts for the one that is
# gone, so its links are worth nothing.
HANGING: dict[Any, str] = {
    Project: "",
    Agreement: "",
    Document: "",
    Membership: "user_id",
    LatePermission: "campaign_id",
    OrganisationBudgetLine: "year",
}
BANK = ("iban", "bic", "account_holder")  # whose money goes where is typed by who signs for it, never taken over
BEARER = "bearer"
MERGE = "merge_bearer"
# Of who has a place in both, the kept one gets the greater. It changes places with the other, so that the same again
# takes it back; these are the kept ones' ids in `Merge.moved`.
EXCHANGED = "exchanged"
PLACE = ("role", "approved_at", "approved_by_id")
REFUSAL = "Seul un administrateur réunit ou sépare des organisations."


def standing(*matching: ColumnElement[bool]) -> Select[int]:
    """The ids of the organisations that match: of one that was merged, the one that was kept."""
    kept = func.coalesce(Merge.kept_id, Organisation.id)
    return select(kept).select_from(Organisation).outerjoin(Merge, Merge.gone_id == Organisation.id).where(*matching)


def stands(organisation_id: Any) -> ColumnElement[bool]:
    """Of a column: it names no organisation that was merged into another."""
    which: ColumnElement[bool] = organisation_id.not_in(select(Merge.gone_id))
    return which


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
    require(by, "administer", None, REFUSAL)
    _lock(gone, kept)
    if gone.id == kept.id:
        raise DomainError("C'est la même organisation.")
    known = select(Merge).where(or_(Merge.gone_id.in_((gone.id, kept.id)), Merge.kept_id == gone.id))
    if db.session.scalar(known.limit(1)):
        raise DomainError(f"« {gone.name} » ou « {kept.name} » est déjà réunie à une autre : séparez-les d'abord.")
    lesser = [(ours, other) for ours, other in _places(gone, kept) if _rank(ours) < _rank(other)]
    moved = hanging(gone, kept) | {EXCHANGED: [ours.id for ours, _ in lesser]}
    made = Merge(kept_id=kept.id, gone_id=gone.id, moved=moved, filled=lacking(gone, kept))
    db.session.add(made)
    _tell(gone, kept, parted=False)
    _exchange(lesser, by)
    _fill(kept, {name: getattr(gone, name) for name in made.filled}, by)
    _move(made.moved, gone, kept, by)
    return made


def undo(done: Merge, *, by: User) -> None:
    """Raises `DomainError` once something new hangs on the kept one."""
    require(by, "administer", None, REFUSAL)
    kept, gone = (db.session.get_one(Organisation, id_) for id_ in (done.kept_id, done.gone_id))
    _lock(kept, gone)
    if _grown(done):
        raise DomainError(
            f"Depuis qu'elles sont réunies, « {kept.name} » a de nouveaux dossiers, documents, conventions,"
            " budgets, membres ou rôles, ou a été réunie à une autre : elles ne se séparent plus d'ici."
        )
    _tell(gone, kept, parted=True)
    _exchange([pair for pair in _places(gone, kept) if pair[0].id in done.moved[EXCHANGED]], by)
    theirs = {name: getattr(gone, name) for name in done.filled}
    columns = Organisation.__table__.c
    same = [name for name, value in theirs.items() if getattr(kept, name) == value]
    _fill(kept, {name: None if columns[name].nullable else "" for name in same}, by)
    _move(done.moved, kept, gone, by)
    db.session.delete(done)
    db.session.flush()


def _tell(gone: Organisation, kept: Organisation, *, parted: bool) -> None:
    """The members of both, before they change."""
    people = {user.id: user for users in mail.members_of([gone.id, kept.id]).values() for user in users}
    facts = {"gone": gone.name, "kept": kept.name, "parted": parted, "link": "/mes-projets"}
    mail.queue_all("organisations_merged", people.values(), **facts)


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
    names: dict[str, Any] = {"field": BEARER, "old": source.name, "new": to.name}
    history.record(to, MERGE, by=by, contract_id=to.home_contract_id, **names)
    for model in (Project, Membership):
        for row in all_of(select(model).where(model.id.in_(rows[model.__tablename__])).order_by(model.id)):
            history.record(row, MERGE, by=by, **names)
    db.session.flush()


def _places(gone: Organisation, kept: Organisation) -> Places:
    """Of who has a place in both: the one in the kept, and the other."""
    other = aliased(Membership)
    rows = db.session.execute(
        select(Membership, other)
        .join(other, other.user_id == Membership.user_id)
        .where(Membership.organisation_id == kept.id, other.organisation_id == gone.id)
        .order_by(Membership.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return [(ours, theirs) for ours, theirs in rows]


def _rank(place: Membership) -> tuple[bool, bool]:
    return place.approved_at is not None, place.role is MemberRole.SIGNATORY


def _exchange(places: Places, by: User) -> None:
    for ours, other in places:
        mine, theirs = ({name: getattr(each, name) for name in PLACE} for each in (ours, other))
        history.change_each(ours, MERGE, theirs, by=by)
        history.change_each(other, MERGE, mine, by=by)


def _grown(done: Merge) -> bool:
    """Something hangs on the kept one that did not when they were merged."""
    since: dict[Any, Any] = {
        Project: Project.created_at,
        Document: Document.uploaded_at,
        Membership: Membership.requested_at,
        LatePermission: LatePermission.at,
    }
    new: list[Any] = [
        exists().where(model.organisation_id == done.kept_id, at > done.at) for model, at in since.items()
    ]
    new.append(exists().where(Merge.kept_id == done.kept_id, Merge.id > done.id))
    entry = HistoryEntry
    for model in (Membership, Agreement):  # approved, given another role, put out; made
        theirs = select(model.id).where(model.organisation_id == done.kept_id)
        ids = or_(entry.subject_id.in_(theirs), entry.subject_id.in_(done.moved[model.__tablename__]))
        done_to = (entry.subject == model.__tablename__, ids, entry.action.not_in((MERGE, "update")))
        new.append(exists().where(*done_to, entry.at > done.at))
    typed = (entry.subject == Organisation.__tablename__, entry.subject_id == done.kept_id)
    new.append(exists().where(*typed, entry.field.startswith("budget "), entry.at > done.at))
    return bool(db.session.scalar(select(or_(*new))))
