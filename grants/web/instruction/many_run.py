"""An action done with the projects that its form carries."""

from __future__ import annotations

from decimal import Decimal

from grants.database import db
from grants.domain.decisions.notify import confirm, notify
from grants.domain.decisions.refusals import naming
from grants.domain.decisions.rules import Notice
from grants.domain.decisions.write import Wish, write
from grants.domain.instruction.many import MOST, refuse_too_many
from grants.domain.instruction.project_many import admit_many, ask_many, follow_many
from grants.errors import DomainError
from grants.models import Funder, User
from grants.queries.project_filters import Filters
from grants.queries.projects.many import Action, ProjectCandidate, candidates, money
from grants.web.access import me
from grants.web.instruction.loading import ContractYear
from grants.web.instruction.many_actions import Chosen
from grants.web.instruction.many_form import ManyForm


def run(here: ContractYear, what: Chosen, form: ManyForm) -> tuple[int, Decimal]:
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
        refuse_too_many(seen)
        with naming():
            _of_funder(funder, rows, what, form)
    elif what.person_id:
        person, following = db.session.get_one(User, what.person_id), what.action is Action.FOLLOW
        follow_many(here.contract, seen, person, by=me(), following=following)
    elif what.action is Action.ADMIT:
        admit_many(here.contract, seen, by=me())
    else:
        ask_many(here.contract, seen, form.wanted(), by=me())
    return len(rows), sum((money(what.action, one) or Decimal(0) for one in rows), Decimal(0))


def _of_funder(funder: Funder, rows: list[ProjectCandidate], what: Chosen, form: ManyForm) -> None:
    """What is proposed is what was seen, or else the version says so."""
    if what.action is Action.CONFIRM:
        confirm(funder, form.seen, by=me())
    elif what.action is Action.NOTIFY:
        notice = Notice(form.said("act_number"), form.act_date.data, form.said("typed_from"))
        notify(funder, form.seen, notice, by=me())
    else:
        wishes = [
            Wish(one.id, funder.id, form.seen[one.id], form.decision(what.action, one))
            for one in rows
        ]
        write(wishes, by=me())
