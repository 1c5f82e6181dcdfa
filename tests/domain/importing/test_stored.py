"""Which dossiers an import knows again."""

import pytest
from flask import Flask

from grants.domain.importing import Report, import_programming
from grants.domain.importing.stored import StoredDossiers
from grants.domain.workflow import advance
from grants.models import State
from tests.conftest import both
from tests.domain.importing.real import contract_and_envelopes, lines, written
from tests.factories import world


def test_a_draft_is_none_of_them_even_when_abandoned(app: Flask) -> None:
    w = world()
    draft, deposited = w.project(state=State.DRAFT), w.project()
    w.project(state=State.DRAFT)
    advance(draft, "withdraw", by=w.applicant, reason="Erreur")
    advance(deposited, "withdraw", by=w.coordinator, reason="Abandon")
    stored = StoredDossiers(w.contract.id, w.campaign.year)
    assert [found.id for found in stored._by_key.values()] == [deposited.id]


@both
@pytest.mark.parametrize(
    ("title", "typed_otherwise"),
    [
        ("Vivre ensemble…", "Vivre ensemble..."), ("Sport – santé", "Sport - santé"),
        ("« Lire »", "'Lire'"), ("École ouverte", "Ecole ouverte"),
        ("Chœur de quartier", "Choeur de quartier"),
    ],
)  # fmt: skip
def test_titles_that_differ_by_their_typing_are_told_and_not_doubled(
    app: Flask, title: str, typed_otherwise: str
) -> None:
    contract, by = contract_and_envelopes()
    row = lines(many=1)[0]
    first, second = ({**row, "intitule": each} for each in (title, typed_otherwise))

    def told(rows: list[dict[str, str]], *, dry_run: bool = False) -> tuple[int, str]:
        done: Report = import_programming(written(rows), contract, by=by, dry_run=dry_run)
        return done.created, "\n".join(done.messages)

    for dry_run in (True, False):
        created, messages = told([first], dry_run=dry_run)
        assert (created, "déjà déposé" in messages) == (1, False)
        created, messages = told([first, second], dry_run=True)
        assert f"« {typed_otherwise} » est déjà déposé sous « {title} »" in messages
    assert created == 0
    created, messages = told([second])
    assert (created, "(2021-0001)" in messages) == (0, True)
