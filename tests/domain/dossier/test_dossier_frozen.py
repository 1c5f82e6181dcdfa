"""What was sent stays as it was sent, whatever changes afterwards."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event

from grants.database import db
from grants.domain import dossier
from grants.domain.dossier import deposit, frozen
from grants.domain.dossier.receipt import has_receipt, receipt_of
from grants.domain.dossier.sent import reopened, sent_of
from grants.errors import Incomplete
from grants.french import today
from grants.models import Document, DocumentKind, PieceRequest, Project, Provenance, Submission, now
from tests.conftest import both
from tests.factories import World, complete_draft, theme, world


def deposited(w: World) -> Project:
    draft = complete_draft(w, title="Lire ensemble")
    draft.organisation.iban = "FR1420041010050500013M02606"
    db.session.add(
        Document(
            organisation_id=draft.organisation_id,
            kind=DocumentKind.STATUTES,
            filename="statuts.pdf",
            media_type="application/pdf",
            size=12,
            sha256="ab" * 32,
            storage_key="one",
            uploaded_by_id=w.applicant.id,
        )
    )
    return dossier.submit(draft, by=w.applicant)


def stored(project: Project) -> Submission:
    return db.session.query(Submission).filter_by(project_id=project.id).one()


@both
def test_the_whole_dossier_is_kept_with_its_labels(app: Flask) -> None:
    w = world()
    project = deposited(w)
    sent = sent_of(project)
    assert sent is not None
    assert (sent.reference, sent.title, sent.by) == (project.reference, "Lire ensemble", w.applicant.name)
    assert sent.at == project.submitted_at
    assert sent.organisation["Nom"] == w.bearer.name
    assert sent.organisation["IBAN"] == "FR14 •••• 2606"
    answers = {label: text for chapter in sent.chapters for label, text in chapter.answers}
    assert answers["Titre de l'action"] == "Lire ensemble"
    assert answers["Orientation du contrat de ville"] == "1. Combattre les inégalités"
    assert answers["Quartiers concernés"] == "Caravelle"
    assert answers["Début de l'action"] == f"15 janvier {project.year}"
    assert [line.account for line in sent.lines] == ["641", "864", "756", "870"]
    assert [(funder, int(amount)) for funder, amount in sent.requests] == [
        ("État – CGET", 3000),
        ("Ville – VILLE", 2000),
    ]
    assert sent.sums.gap == 0
    assert sent.content["sworn"]["by"] == w.applicant.name
    assert sent.sworn_at() == project.sworn_at
    assert sent.sworn_at("commitment_at") == project.commitment_at
    assert sent.documents == [{"label": "Statuts", "filename": "statuts.pdf", "size": 12, "sha256": "ab" * 32}]


@both
def test_nothing_that_changes_later_changes_it(app: Flask) -> None:
    w = world()
    project = deposited(w)
    db.session.flush()
    before = stored(project)
    kept, fingerprint = before.content, before.sha256
    w.bearer.name, w.bearer.address = "Autre nom", "Ailleurs"
    for each in w.contract.themes:
        each.label = "Renommée"
    w.contract.zones[0].label = "Autre quartier"
    w.cget.label = "ANCT"
    w.campaign.label = "Appel renommé"
    project.theme_id = theme(w.contract, "Reclassée", number=9, position=9).id
    project.title = "Corrigé"
    project.budget[0].label = "Autre"
    db.session.query(Document).one().removed_at = now()
    db.session.flush()
    db.session.expire_all()
    assert stored(project).content == kept
    assert frozen.fingerprint(stored(project).content) == fingerprint == stored(project).sha256
    sent = sent_of(project)
    facts = dict(receipt_of(project, sent).facts)
    assert (facts["Action"], facts["Coût total de l'action"][-1]) == ("Lire ensemble", "€")
    assert "Autre nom" not in facts["Organisation"]


@both
def test_what_is_refused_leaves_nothing(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    draft.objectives = ""
    with pytest.raises(Incomplete):
        dossier.submit(draft, by=w.applicant)
    assert db.session.query(Submission).count() == 0


def test_what_was_not_deposited_here_has_none(app: Flask) -> None:
    w = world()
    project = w.project()
    assert sent_of(project) is None
    assert dict(receipt_of(project, None).facts)["Action"] == project.title
    project.provenance = Provenance.IMPORTED
    assert not has_receipt(project)
    assert not has_receipt(complete_draft(w))


def test_pages_asked_for_again_are_named(app: Flask) -> None:
    w = world()
    project = deposited(w)
    assert reopened(project, sent_of(project)) == []
    for sections in (["budget", "projet"], ["budget"]):
        db.session.add(
            PieceRequest(project_id=project.id, asked_by_id=w.coordinator.id, due_on=today(), sections=sections)
        )
    assert reopened(project, sent_of(project)) == ["projet", "budget"]


@both
def test_freezing_takes_few_queries_however_long_the_dossier(app: Flask) -> None:
    w = world()
    counts = []
    for lines in (1, 40):
        project = deposited_with(w, lines)
        db.session.expire_all()
        counts.append(_queries(lambda project=project: deposit.checked(project, by=w.applicant)))
    assert counts[0] == counts[1]


def _queries(work: Callable[[], None]) -> int:
    said: list[str] = []

    def listener(*args) -> None:
        said.append(args[2])

    event.listen(db.engine, "before_cursor_execute", listener)
    work()
    event.remove(db.engine, "before_cursor_execute", listener)
    return len(said)


def deposited_with(w: World, documents: int) -> Project:
    project = complete_draft(w)
    for number in range(documents):
        db.session.add(
            Document(
                project_id=project.id,
                filename=f"{number}.pdf",
                media_type="application/pdf",
                size=1,
                sha256="cd" * 32,
                storage_key=f"{project.id}-{number}",
                uploaded_by_id=w.applicant.id,
            )
        )
    db.session.commit()
    return project
