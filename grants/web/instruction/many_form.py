"""The one form of an action on many projects: what it asks for all of them, and which they are."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Self

from wtforms import HiddenField

from grants.domain.decisions.rules import Decision
from grants.domain.instruction.many import MOST
from grants.domain.instruction.piece_request import PiecesWanted
from grants.french import today
from grants.queries.projects.many import OF_FUNDER, OUTCOMES, Action, ProjectCandidate, money
from grants.web.fields import line, paragraphs
from grants.web.filters import number
from grants.web.forms import DayField, Form
from grants.web.instruction.forms import LONGEST, refuse_unlikely, source_line
from grants.web.instruction.many_actions import Batch, Chosen
from grants.web.instruction.piece_requests import DAYS_TO_ANSWER
from grants.words import REASONS

ASKED = {
    Action.REJECT: ("reason",),
    Action.DEFER: ("reason",),
    Action.NOTIFY: ("act_number", "act_date"),
    Action.ASK_PIECES: ("labels", "text", "due_on"),
}


class ManyForm(Form):
    """`chosen`: `12:3,15:1`, the projects that the page counted, with the versions that the person
    saw (of their lines, where it is about a funder). Shown again, it carries those ticked then."""

    chosen = HiddenField()
    reason = paragraphs(f"{REASONS['reason']}, le même pour tous", LONGEST)
    act_number = line("Numéro de l'acte (arrêté, délibération, convention)", 80)
    act_date = DayField("Date de l'acte")
    labels = paragraphs("Pièces demandées", LONGEST)
    text = paragraphs("Explication (facultatif)", LONGEST)
    due_on = DayField("Réponse attendue au plus tard le")
    revision_reason = paragraphs(REASONS["revision_reason"], LONGEST, description="La programmation est validée.")
    typed_from = source_line()

    @classmethod
    def of(cls, what: Chosen, batch: Batch) -> Self:
        """With the fields that the action asks, and no others."""
        form = cls(data={"due_on": today() + timedelta(days=DAYS_TO_ANSWER)})
        form.what = what
        kept = {"chosen", "csrf_token", *ASKED.get(what.action, ())}
        if not what.own and what.action in OF_FUNDER:
            kept.add("typed_from")
        if what.action in OUTCOMES and any(one.validated for one in batch.applies):
            kept.add("revision_reason")
        for name in set(form._fields) - kept:
            del form[name]
        return form

    what: Chosen

    @property
    def seen(self) -> dict[int, int]:
        """What is no such list is an empty one."""
        found: dict[int, int] = {}
        for pair in str((self.chosen.raw_data or [""])[0]).split(",")[: MOST + 1]:
            key, version = map(number, pair.partition(":")[::2])
            if key is None or version is None:
                return {}
            found[key] = version
        return found

    def show(self, batch: Batch) -> None:
        """Before the page is shown (again): with what it lists now."""
        self.chosen.raw_data = None
        self.chosen.data = ",".join(f"{one.id}:{self._version(one)}" for one in batch.ticked)

    def _version(self, one: ProjectCandidate) -> int:
        line = one.line_version if self.what.action in OF_FUNDER else None
        return line or one.version

    def typed(self, name: str) -> str:
        return str(self[name].data or "") if name in self else ""

    def decision(self, action: Action, one: ProjectCandidate) -> Decision:
        return Decision(
            OUTCOMES[action],
            money(action, one),
            reason=self.typed("reason"),
            revision_reason=self.typed("revision_reason"),
            typed_from=self.typed("typed_from"),
        )

    def wanted(self) -> PiecesWanted:
        lines = [" ".join(line.split()) for line in self.typed("labels").splitlines()]
        due: date | None = self.due_on.data
        return PiecesWanted(tuple(line for line in lines if line), due, text=self.typed("text"))

    def validate_act_date(self, field: Any) -> None:
        """A slip in the year is likely."""
        refuse_unlikely(field, today().year)
