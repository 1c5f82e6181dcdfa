"""Which dossiers an import knows again."""

from flask import Flask

from grants.domain.importing.stored import StoredDossiers
from grants.domain.workflow import advance
from grants.models import State
from tests.factories import world


def test_a_draft_is_none_of_them_even_when_abandoned(app: Flask) -> None:
    w = world()
    draft, deposited = w.project(state=State.DRAFT), w.project()
    w.project(state=State.DRAFT)
    advance(draft, "withdraw", by=w.applicant, reason="Erreur")
    advance(deposited, "withdraw", by=w.coordinator, reason="Abandon")
    stored = StoredDossiers(w.contract.id, [w.campaign.year])
    assert [found.id for found in stored.by_key.values()] == [deposited.id]
