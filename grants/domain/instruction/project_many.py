"""What the coordinator does with many projects at once: declare admissible, ask for pieces; and
who follows them. All of them or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from grants.database import db
from grants.domain.instruction import follower, many, piece_request
from grants.domain.instruction.many import SeenVersions
from grants.domain.instruction.piece_request import PiecesWanted
from grants.domain.mail import mail
from grants.domain.workflow import move
from grants.models import Contract, Project, User
from grants.words import word


def admit_many(contract: Contract, seen: SeenVersions, *, by: User) -> dict[int, Project]:
    """Declare them admissible; `seen`: their versions. Raises as `workflow.advance`, naming the
    projects."""
    found = _seen(contract, seen)
    _apply(found, lambda project: move(project, "admit", by=by))
    return found


def ask_many(contract: Contract, seen: SeenVersions, wanted: PiecesWanted, *, by: User) -> dict[int, Project]:
    """`piece_request.ask`, the same of all."""
    piece_request.check(wanted)
    found = _seen(contract, seen)
    people = mail.members_of({project.organisation_id for project in found.values()})
    _apply(found, lambda project: piece_request.request_pieces(project, wanted, people[project.organisation_id], by=by))
    return found


def follow_many(
    contract: Contract, project_ids: Iterable[int], person: User, *, by: User, following: bool
) -> list[Project]:
    """From now on the person follows these projects, or no more; gives those that changed."""
    projects = many.locked(project_ids, contract.id).values()
    return (follower.follow if following else follower.unfollow)(projects, person, by=by)


def _seen(contract: Contract, seen: SeenVersions) -> dict[int, Project]:
    found = many.locked(seen, contract.id)
    many.refuse_stale(
        (project.reference or "", project.version, seen[key], word(project.state)) for key, project in found.items()
    )
    return found


def _apply(projects: dict[int, Project], work: Callable[[Project], object]) -> None:
    with db.session.no_autoflush:
        many.do_each(((p.reference or "", p) for p in projects.values()), work)
    db.session.flush()
