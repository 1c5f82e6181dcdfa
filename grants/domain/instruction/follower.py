"""Who follows a project: it stands among theirs. Anybody who instructs the contract may say so."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import delete, insert, select

from grants.database import db
from grants.domain.ledger import history
from grants.errors import DomainError, NotAllowed
from grants.models import Project, User, project_followers
from grants.permissions import instructs

FOLLOWER = "follower"


def follow(projects: Collection[Project], person: User, *, by: User) -> list[Project]:
    """From now on; gives those that they did not follow. The projects are locked. Raises
    `DomainError` for somebody who does not instruct the contract."""
    new = _those(projects, person, following=False, by=by)
    if new and not (person.active and all(instructs(person, project) for project in new)):
        raise DomainError("Cette personne n'instruit pas ce contrat de ville.", "person")
    _write(new, person.id, following=True)
    for project in new:
        history.record(project, "follow", by=by, field=FOLLOWER, new=person.id)
    return new


def unfollow(projects: Collection[Project], person: User, *, by: User) -> list[Project]:
    """No more; gives those that they did follow."""
    old = _those(projects, person, following=True, by=by)
    _write(old, person.id, following=False)
    for project in old:
        history.record(project, "unfollow", by=by, field=FOLLOWER, old=person.id)
    return old


def put_back(projects: list[Project], person_id: int, *, following: bool, by: User) -> None:
    """Undo: they follow these projects again, or no more."""
    _write(projects, person_id, following=following)
    for project in projects:
        was, is_ = (None, person_id) if following else (person_id, None)
        history.record(project, "undo", by=by, field=FOLLOWER, old=was, new=is_)


def pairs(project_ids: Iterable[int]) -> set[tuple[int, int]]:
    """Who follows these projects: (project, person)."""
    pair = project_followers.c
    found = db.session.execute(select(pair.project_id, pair.user_id).where(pair.project_id.in_(project_ids)))
    return {(project_id, user_id) for project_id, user_id in found}


def _those(projects: Collection[Project], person: User, *, following: bool, by: User) -> list[Project]:
    if any(not instructs(by, project) for project in projects):
        raise NotAllowed("Seules les personnes qui instruisent se répartissent les dossiers.")
    follows = pairs(project.id for project in projects)
    return [project for project in projects if ((project.id, person.id) in follows) is following]


def _write(projects: Collection[Project], person_id: int, *, following: bool) -> None:
    rows = [{"project_id": project.id, "user_id": person_id} for project in projects]
    if following and rows:
        db.session.execute(insert(project_followers), rows)
    elif rows:
        db.session.execute(
            delete(project_followers).where(
                project_followers.c.user_id == person_id, project_followers.c.project_id.in_([p.id for p in projects])
            )
        )
