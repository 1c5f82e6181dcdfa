"""A deposited dossier corrected, or one that was withdrawn or refused begun again in its call: a
copy, which is a draft like any other and which nobody but its organisation reads. Deposited, a
correction takes the place of what it is a copy of; until then the last deposit stands."""

from __future__ import annotations

from sqlalchemy import exists, inspect, or_, select

from grants.database import db
from grants.domain.campaign.late_permission import closes_at
from grants.domain.documents import document
from grants.domain.dossier.budget import RequestAnswers
from grants.domain.dossier.drafts import begun, in_campaign, refuse_unless_open
from grants.domain.dossier.renewal import COPIED, copied_lines
from grants.domain.dossier.shown import record_changes, shown
from grants.domain.ledger import history
from grants.domain.locking import fresh
from grants.domain.reference import next_references
from grants.domain.workflow import lock, move
from grants.errors import DomainError
from grants.french import deadline
from grants.models import (
    MERGED,
    NOT_COUNTING,
    PREDECESSOR,
    Check,
    Document,
    HistoryEntry,
    Opinion,
    PieceRequest,
    Project,
    Provenance,
    Score,
    State,
    User,
)
from grants.permissions import refuse_strangers, was_deposited

YEARS = ("kind", "year_of", "years_total")
LINEAGE = (PREDECESSOR, MERGED)
WRITTEN = (
    *COPIED.split(),
    *YEARS,
    PREDECESSOR,
    *("applicant_theme_id", "starts_on", "ends_on", "answers", "organisation_confirmed_at"),
)
SWORN = ("sworn_at", "sworn_by_id", "commitment_at")
# What the coordinator has settled, and not taken back, stays as they said it.
SETTLED = ("reclassify", "predecessor")


def begin(deposited: Project, *, by: User) -> Project:
    """The copy under way, or a new one. Raises `DomainError` where none can be deposited now."""
    lock(deposited)  # two presses at once, or two people, find one draft
    refuse_strangers(by, deposited)
    if found := under_way(deposited):
        return found
    if not was_deposited(deposited):
        raise DomainError("Ce dossier n'a pas été déposé : il n'y a rien à corriger.")
    refuse_unless_copied(deposited)
    draft = in_campaign(deposited.campaign, deposited.organisation, by, copy_of=deposited)
    _copy(deposited, draft, WRITTEN)
    begun(draft, "create", by=by, reason=f"Copie du dossier {deposited.reference}")
    RequestAnswers.of(deposited).write(draft, by)
    _copy_documents(deposited, draft)
    db.session.flush()
    return draft


def refuse_unless_copied(deposited: Project) -> None:
    """Raises `DomainError` where a copy could not be deposited now."""
    _refuse_unless(deposited, deposited)


def under_way(deposited: Project) -> Project | None:
    """Its copy that is not deposited yet."""
    return db.session.scalar(select(Project).where(Project.copy_of_id == deposited.id, Project.state == State.DRAFT))


def correctable(project: Project) -> str:
    """Until when what its organisation deposits may be corrected, in words."""
    if project.campaign.correct_until_examined:
        return "tant que le service n'a pas commencé à l'examiner"
    until = deadline(closes_at(project.campaign, project.organisation))
    return f"{until}, tant que le service ne s'est pas prononcé et ne demande pas de pièces"


def locked_original(draft: Project) -> Project | None:
    """What `draft` corrects, locked and read afresh, and its call held as it is: the examination
    does not begin, nor is the call validated, before the correction is in. The counter of
    references is held before them, as `version.hold_still` does: a copy of what was withdrawn
    needs one, and whether this is one is only known of what is locked."""
    if draft.copy_of is None:
        return None
    next_references(draft.contract_id, draft.year, 0)
    lock(draft.copy_of)
    fresh(draft.copy_of.campaign, shared=True)
    return draft.corrects


def refuse_unless_depositable(draft: Project) -> None:
    """Raises `DomainError` once its call, or the time for correcting, is over."""
    _refuse_unless(draft.corrects, draft)


def _refuse_unless(original: Project | None, draft: Project) -> None:
    if original is None or original.state in NOT_COUNTING:
        refuse_unless_open(draft.campaign, draft.organisation)
        return
    if original.provenance is not Provenance.TYPED or original.received_on:
        raise DomainError("Ce dossier n'a pas été déposé ici par vous : écrivez au service pour le corriger.")
    until_examined = original.campaign.correct_until_examined
    if (
        original.campaign.validated_at
        or original.campaign_id != draft.campaign_id
        or _examined(original, strictly=until_examined)
    ):
        raise DomainError(
            f"L'examen du dossier {original.reference} a commencé : il ne peut plus être corrigé"
            " ici, et votre dernier dépôt reste celui qui compte. Écrivez au service dans les"
            " échanges du dossier."
        )
    if not until_examined:
        refuse_unless_open(original.campaign, original.organisation)


def _examined(original: Project, *, strictly: bool) -> bool:
    """The service has ruled on it or asked for pieces; `strictly`: or checked a point, scored it or
    given an opinion."""
    deeds = (PieceRequest, Check, Score, Opinion) if strictly else (PieceRequest,)
    found = or_(*(exists().where(deed.project_id == original.id) for deed in deeds))
    return original.state is not State.SUBMITTED or bool(db.session.scalar(select(found)))


def merge(draft: Project, into: Project, *, by: User) -> None:
    """Put what was sworn anew in the place of what was deposited; both are locked."""
    settled = _settled(into)
    before = shown(into)
    with db.session.no_autoflush:  # the check constraints hold for all fields together
        _copy(draft, into, [name for name in (*WRITTEN, *SWORN) if name not in settled])
        if "theme_id" not in settled:
            history.change(into, "correct", "theme_id", draft.applicant_theme_id, by=by)
    record_changes(into, before, by=by)
    RequestAnswers.of(draft).write(into, by)
    _merge_documents(draft, into, by)
    history.record(into, "correct", by=by)
    move(draft, "merge", by=by)
    into.saved_at = draft.saved_at
    db.session.flush()


def _settled(project: Project) -> set[str]:
    entries = db.session.scalars(
        select(HistoryEntry)
        .where(HistoryEntry.project_id == project.id, HistoryEntry.action.in_(SETTLED))
        .order_by(HistoryEntry.id)
    )
    said: dict[str, tuple[str, str]] = {}
    for entry in entries:
        before, after = said.get(entry.field, (entry.old, entry.old))
        # What a correction wrote in between is where the coordinator began anew.
        said[entry.field] = (before if after == entry.old else entry.old, entry.new)
    settled = {field for field, (before, after) in said.items() if before != after}
    for together in (YEARS, LINEAGE):
        if settled.intersection(together):
            settled.update(together)
    return settled


def _copy(source: Project, target: Project, names: tuple[str, ...] | list[str]) -> None:
    for name in names:
        setattr(target, name, getattr(source, name))
    for name in ("zones", "other_communes", "cross_themes"):
        setattr(target, name, list(getattr(source, name)))
    target.budget = copied_lines(source)


def _pieces(project: Project) -> dict[str, Document]:
    """Those of its own that answer a piece of the call, by their place in the storage."""
    found = db.session.scalars(
        select(Document)
        .where(Document.project_id == project.id, Document.piece_id.is_not(None), Document.removed_at.is_(None))
        .order_by(Document.id)
    )
    return {each.storage_key: each for each in found}


def _copy_documents(source: Project, target: Project) -> None:
    kept = {c.key for c in inspect(Document).column_attrs} - {"id", "project_id"}
    for each in _pieces(source).values():
        values = {name: getattr(each, name) for name in kept}
        db.session.add(Document(project_id=target.id, **values))


def _merge_documents(draft: Project, into: Project, by: User) -> None:
    """What was removed from the copy is removed, what came is moved."""
    corrected, deposited = _pieces(draft), _pieces(into)
    for key in deposited.keys() - corrected.keys():
        document.remove(deposited[key], into, by=by)
    for key in corrected.keys() - deposited.keys():
        corrected[key].project_id = into.id
        history.record(into, "add_document", by=by, field="document", new=corrected[key].filename)
