"""An action done with the projects that its form carries."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from grants.database import db
from grants.domain.decisions.many import confirm_many, decide_many, notify_many, propose_many
from grants.domain.instruction.many import MOST
from grants.domain.instruction.project_many import admit_many, ask_many, follow_many
from grants.errors import DomainError
from grants.models import Funder, Outcome, User
from grants.queries.project_filters import Filters
from grants.queries.projects.many import Action, Candidate, candidates, money
from grants.web.access import me
from grants.web.instruction.loading import Place
from grants.web.instruction.many_actions import Chosen
from grants.web.instruction.many_form import ManyForm

Run = Callable[[Funder, list[Candidate], ManyForm], object]


def run(here: Place, what: Chosen, form: ManyForm) -> tuple[int, Decimal]:
    """Do it with the projects that the form carries, as they were seen; how many, and how much."""
    seen = form.seen
    rows = candidates(
        here.contract.id, here.year, Filters(), ids=seen, funder_id=what.funder_id,
        person_id=what.person_id, most=MOST,
    )  # fmt: skip
    if {one.id for one in rows} != seen.keys() or not rows:
        raise DomainError(
            "Aucun dossier n'est choisi, ou l'un d'eux n'est plus dans la liste : revenez à la"
            " liste, puis recommencez."
        )
    funder = db.session.get_one(Funder, what.funder_id) if what.funder_id else None
    if funder is not None:
        _RUN[what.action](funder, rows, form)
    elif what.person_id:
        person, following = db.session.get_one(User, what.person_id), what.action is Action.FOLLOW
        follow_many(here.contract, seen, person, by=me(), following=following)
    elif what.action is Action.ADMIT:
        admit_many(here.contract, seen, by=me())
    else:
        ask_many(here.contract, seen, form.wanted(), by=me())
    return len(rows), sum((money(what.action, one) or Decimal(0) for one in rows), Decimal(0))


def _accept(funder: Funder, rows: list[Candidate], form: ManyForm) -> None:
    """What is proposed is what was seen, or else the version says so."""
    said = {one.id: form.decision(Outcome.ACCEPTED, one.proposed) for one in rows}
    decide_many(funder, said, form.seen, by=me())


def _same(outcome: Outcome) -> Run:
    def work(funder: Funder, rows: list[Candidate], form: ManyForm) -> None:
        said = {one.id: form.decision(outcome) for one in rows}
        decide_many(funder, said, form.seen, by=me())

    return work


def _propose(funder: Funder, rows: list[Candidate], form: ManyForm) -> None:
    propose_many(
        funder, {one.id: one.requested for one in rows}, form.seen, by=me(),
        typed_from=form.said("typed_from"), revision_reason=form.said("revision_reason"),
    )  # fmt: skip


def _notify(funder: Funder, _rows: list[Candidate], form: ManyForm) -> None:
    notify_many(
        funder, form.seen, form.said("act_number"), form.act_date.data, by=me(),
        typed_from=form.said("typed_from"),
    )  # fmt: skip


def _confirm(funder: Funder, _rows: list[Candidate], form: ManyForm) -> None:
    confirm_many(funder, form.seen, by=me())


_RUN: dict[Action, Run] = {
    Action.ACCEPT: _accept, Action.REJECT: _same(Outcome.REJECTED),
    Action.DEFER: _same(Outcome.DEFERRED), Action.PROPOSE: _propose, Action.NOTIFY: _notify,
    Action.CONFIRM: _confirm,
}  # fmt: skip
