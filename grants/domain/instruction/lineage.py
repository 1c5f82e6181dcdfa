"""Which dossiers of earlier years a project follows: one, several that it brings together, or a
part of one that others follow too. Renamed, other bearer, merged and split are read from the
dossiers themselves (`queries.lineage`), never typed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import delete, insert, select
from sqlalchemy.orm.attributes import flag_modified

from grants.database import db
from grants.domain.instruction import many
from grants.domain.ledger import history
from grants.domain.workflow import lock
from grants.errors import Conflict, DomainError
from grants.models import MERGED, PREDECESSOR, Contract, HistoryEntry, Project, State, User, project_merges
from grants.permissions import reads_of, require

MOST = 20  # dossiers that one brings together


def set_predecessors(project: Project, references: Iterable[str], *, by: User, version: int | None = None) -> Project:
    """Say by their numbers which dossiers of earlier years this one follows; none says that it is
    new. The one that its sheet shows beside it stays, else is the first named. Raises
    `DomainError` at `others` for a number that is none."""
    lock(project, version)
    require(by, "project.coordinate", project, "Seul le chef de projet peut dire quel dossier celui-ci continue.")
    ids = _earlier(project, dict.fromkeys(references), by)
    first = project.predecessor_id if project.predecessor_id in ids else next(iter(ids), None)
    history.change(project, "predecessor", PREDECESSOR, first, by=by)
    _bring_together(project, sorted(set(ids) - {first}), by)
    db.session.flush()
    return project


def link_many(contract: Contract, chosen: Mapping[int, int], *, by: User) -> None:
    """Say of many projects that follow none which one each of them follows (ids). Raises
    `Conflict` that names those that follow one meanwhile."""
    projects = many.locked(chosen, contract.id)
    linked = sorted(p.reference or "" for p in projects.values() if p.predecessor_id is not None)
    if linked:
        raise Conflict(
            f"Rien n'a été fait : {many.named(linked)}, relié entre-temps par une autre personne."
            " La liste est à jour : relisez-la, puis enregistrez de nouveau."
        )
    earlier = select(Project.id, Project.year).where(
        Project.id.in_(chosen.values()),
        Project.contract_id == contract.id,
        Project.reference.is_not(None),
        Project.state != State.DRAFT,
    )
    years = {row.id: row.year for row in db.session.execute(earlier)}
    for key, project in projects.items():
        require(by, "project.coordinate", project, "Seul le chef de projet peut dire quel dossier celui-ci continue.")
        if years.get(chosen[key], project.year) >= project.year:
            raise DomainError(f"{project.reference} ne peut pas continuer ce dossier.")
        history.change(project, "predecessor", PREDECESSOR, chosen[key], by=by)
    db.session.flush()


def unlink_many(entries: Iterable[HistoryEntry], projects: Mapping[int, Project], *, by: User) -> None:
    """As before `link_many` (or its undoing)."""
    for entry in entries:
        project = projects[entry.project_id or 0]
        require(by, "project.coordinate", project, "Seul le chef de projet peut dire quel dossier celui-ci continue.")
        history.change(project, "predecessor", PREDECESSOR, int(entry.old or 0) or None, by=by)


def merged(project: Project) -> list[int]:
    """Their ids, in order."""
    links = project_merges.c
    found = select(links.predecessor_id).where(links.project_id == project.id)
    return list(db.session.scalars(found.order_by(links.predecessor_id)))


def merging(project_ids: Iterable[int]) -> set[int]:
    """Those of the projects that bring several together."""
    links = project_merges.c
    return set(db.session.scalars(select(links.project_id).where(links.project_id.in_(project_ids))))


def _bring_together(project: Project, ids: list[int], by: User) -> None:
    before = merged(project)
    if ids == before:
        return
    db.session.execute(delete(project_merges).where(project_merges.c.project_id == project.id))
    if ids:
        links = [{"project_id": project.id, "predecessor_id": id_} for id_ in ids]
        db.session.execute(insert(project_merges), links)
    history.record(
        project, "predecessor", by=by, field=MERGED, old=" ".join(map(str, before)), new=" ".join(map(str, ids))
    )
    flag_modified(project, "predecessor_id")  # another version: these links are its own too


def _earlier(project: Project, references: Collection[str], by: User) -> list[int]:
    """In the order of the numbers. What it follows already may be of those that the person does not read."""
    if len(references) > MOST:
        raise DomainError(f"Un dossier en regroupe {MOST} au plus.", "others")
    records = db.session.execute(
        select(Project.reference, Project.id, Project.year, Project.commune_id).where(
            Project.contract_id == project.contract_id, Project.reference.in_(references), Project.state != State.DRAFT
        )
    )
    reads, kept = reads_of(by, project.campaign.contract), {project.predecessor_id, *merged(project)}
    known = {number: (id_, year) for number, id_, year, commune in records if reads(commune) or id_ in kept}
    for reference in references:
        if reference not in known:
            raise DomainError(
                f"Aucun dossier de ce contrat que vous pouvez lire ne porte le numéro « {reference} »."
                " Écrivez-le comme 2025-0042.",
                "others",
            )
        if known[reference][1] >= project.year:
            raise DomainError(f"Le dossier {reference} n'est pas d'une année précédente.", "others")
    return [known[reference][0] for reference in references]
