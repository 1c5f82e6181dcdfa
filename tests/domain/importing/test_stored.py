"""Which dossiers an import knows again."""

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.database import db
from grants.domain.envelope import locked_for
from grants.domain.importing import Report, import_programming
from grants.domain.importing.stored import StoredDossiers
from grants.domain.undo.operation import undo
from grants.domain.workflow import advance
from grants.errors import DomainError
from grants.french import euros
from grants.models import Campaign, CampaignFunder, Funder, FundingLine, HistoryEntry, Operation, Role, State
from grants.queries.home.operations import latest
from tests.conftest import both
from tests.domain.importing.real import contract_and_envelopes, faults_of, lines, written
from tests.factories import grant_role, user, world


def test_a_draft_is_none_of_them_even_when_abandoned(app: Flask) -> None:
    w = world()
    draft, deposited = w.project(state=State.DRAFT), w.project()
    w.project(state=State.DRAFT)
    advance(draft, "withdraw", by=w.applicant, reason="Erreur")
    advance(deposited, "withdraw", by=w.coordinator, reason="Abandon")
    stored = StoredDossiers(w.contract.id, w.campaign.year)
    assert [found.id for found in stored._by_key.values()] == [deposited.id]


TYPED = {
    "Vivre ensemble…": "Vivre ensemble...",
    "Sport – santé": "Sport - santé",
    "« Lire »": "'Lire'",
    "École ouverte": "Ecole ouverte",
    "Chœur de quartier": "Choeur de quartier",
}


@pytest.mark.slow
def test_titles_that_differ_by_their_typing_are_told_and_not_doubled(app: Flask) -> None:
    contract, by = contract_and_envelopes()
    row = lines(many=1)[0]

    def told(rows: list[dict[str, str]], *, dry_run: bool = False) -> tuple[int, str]:
        done: Report = import_programming(written(rows), contract, by=by, dry_run=dry_run)
        return done.created, "\n".join(done.messages)

    for number, (title, typed_otherwise) in enumerate(TYPED.items(), 1):
        first, second = ({**row, "intitule": each} for each in (title, typed_otherwise))
        for dry_run in (True, False):
            created, messages = told([first], dry_run=dry_run)
            assert (created, "déjà déposé" in messages) == (1, False), title
            created, messages = told([first, second], dry_run=True)
            assert f"« {typed_otherwise} » est déjà déposé sous « {title} »" in messages
        assert created == 0, title
        created, messages = told([second])
        assert (created, f"(2021-{number:04})" in messages) == (0, True), title


def test_a_request_far_beyond_the_envelope_is_told_to_look_at(app: Flask) -> None:
    contract, by = contract_and_envelopes()
    row = {**lines(many=1)[0], "cout_total": "199000000", "demande_VILLE": "99000000"}
    told = import_programming(written([row]), contract, by=by).messages
    assert [one for one in told if "colonne demande_VILLE" in one and "de très loin" in one]


@both
def test_an_import_is_an_operation_that_is_not_undone(app: Flask) -> None:
    """Nobody but the coordinator is told why; the dossiers stay as they are."""
    contract, by = contract_and_envelopes()
    import_programming(written(lines(many=3)), contract, by=by)
    made = db.session.scalars(select(Operation)).one()
    entries = db.session.scalars(select(HistoryEntry).filter_by(operation_id=made.id)).all()
    counted = Counter(entry.subject for entry in entries)
    lines_there = db.session.scalar(select(func.count()).select_from(FundingLine))
    assert counted == {"projects": 3, "funding_lines": lines_there}
    coordinator = grant_role(user("Chloé"), Role.COORDINATOR, contract)
    assert [done.kind for done in latest(contract.id, coordinator.id, coordinates=True)] == ["import"]
    assert latest(contract.id, coordinator.id, coordinates=False) == []
    with pytest.raises(DomainError, match="Un import ne s'annule pas"):
        undo(made.id, by=coordinator)


@both
def test_an_envelope_over_two_calls_has_room_for_both_together(app: Flask) -> None:
    """The fault stands at the first line that does not fit, with the whole of what is needed."""
    contract, by = contract_and_envelopes()
    pair = lines(many=2)
    first, second = db.session.scalars(
        select(Campaign)
        .where(Campaign.year.in_((2021, 2022)), Campaign.kind == "Contrat de ville")
        .order_by(Campaign.year)
    )
    ville = db.session.scalars(select(Funder).where(Funder.code == "VILLE")).one()
    shared = locked_for(first.id, ville.id)
    assert shared
    link = db.session.get_one(CampaignFunder, (second.id, ville.id))
    link.envelope_id = shared.id
    money = {name: "" for name in pair[0] if name.startswith(("demande_", "accorde_"))}
    money |= {"cout_total": "300000", "predecesseur": "", "campagne": "", "statut": "retenue"}
    room = int(shared.amount)
    rows = [
        {**row, **money, "annee": year, "demande_VILLE": str(asked), "accorde_VILLE": str(asked)}
        for row, year, asked in zip(pair, ("2021", "2022"), (room, 1), strict=True)
    ]
    faults = faults_of(lambda: import_programming(written(rows), contract, by=by))
    assert len(faults) == 1, faults
    assert "ligne 3, colonne accorde_VILLE : « 1 € » dépasse" in faults[0].replace("\u202f", " ")
    assert f"il y restait {euros(shared.amount)}, le fichier y accorde" in faults[0]
    assert euros(shared.amount + 1) in faults[0]
