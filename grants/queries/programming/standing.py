"""What became of a deposited project, as committees count it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from grants.models import WAITING, Outcome, State


class Standing(StrEnum):
    """What became of a deposited project (rules, words)."""

    RETAINED = "retenu"
    UNDECIDED = "à décider"
    NOT_RETAINED = "non retenu"
    WITHDRAWN = "retiré"


def standing(state: State, outcomes: Iterable[Outcome]) -> Standing:
    """Derived, never stored (rules, states)."""
    outcomes = list(outcomes)
    if state is State.WITHDRAWN:
        return Standing.WITHDRAWN
    if state is State.INADMISSIBLE:
        return Standing.NOT_RETAINED
    if Outcome.ACCEPTED in outcomes:
        return Standing.RETAINED
    undecided = not outcomes or any(outcome in WAITING for outcome in outcomes)
    return Standing.UNDECIDED if undecided else Standing.NOT_RETAINED
