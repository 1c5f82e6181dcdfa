"""What an action on many would leave out, before it is done."""

from __future__ import annotations

from decimal import Decimal

import pytest

from grants.models import Outcome, State
from grants.queries.projects.many import Action, ProjectCandidate, why_not


def candidate(state: State) -> ProjectCandidate:
    """Granted 100 euros of 200 that were asked."""
    return ProjectCandidate(
        id=1,
        reference="2026-1",
        title="Ludothèque",
        bearer="Les Amis des Livres",
        version=1,
        campaign_id=1,
        line_version=1,
        condition="",
        follows=False,
        state=state,
        requested=Decimal(200),
        granted=Decimal(100),
        outcome=Outcome.ACCEPTED,
    )


@pytest.mark.parametrize("state", [State.ADMISSIBLE, State.CLOSED])
def test_what_is_granted_is_notified_of_a_closed_dossier_too(state: State) -> None:
    """As the writer allows (`rules.not_notified`)."""
    assert why_not(Action.NOTIFY, candidate(state)) is None


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.INADMISSIBLE])
def test_nothing_is_notified_of_what_does_not_count(state: State) -> None:
    assert why_not(Action.NOTIFY, candidate(state))


def test_a_closed_dossier_is_decided_no_more() -> None:
    assert why_not(Action.ACCEPT, candidate(State.CLOSED))
