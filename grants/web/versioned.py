"""Forms that carry what the person saw: nobody's words are overwritten unseen (rules 8)."""

from __future__ import annotations

from typing import Any

from grants.domain.seen import fingerprint
from grants.errors import Conflict, DomainError
from grants.web.fields import SeenField
from grants.web.forms import Form
from grants.web.reading import Difference, shown


class VersionedForm(Form):
    """After a conflict, which shows both values, it carries what there is now: sending again is
    then deliberate."""

    version = SeenField()
    conflict = False

    @property
    def seen(self) -> int:
        return self.version.number

    def show(self, subject: Any) -> None:
        """Before the page is shown (again)."""
        if not self.version.raw_data or self.conflict:
            self.version.show(self.state(subject))

    def state(self, subject: Any) -> str:
        return str(subject.version)

    def refuse(self, error: DomainError) -> None:
        self.conflict = self.conflict or isinstance(error, Conflict)
        super().refuse(error)


class UnversionedForm(VersionedForm):
    """Of a thing that has no version: its values tell one state from another."""

    def state(self, subject: Any) -> str:
        return fingerprint(self._stored(subject))

    def _stored(self, subject: Any) -> dict[str, Any]:
        return {f.name: getattr(subject, f.name) for f in self if hasattr(subject, f.name)}

    def refuse_unseen(self, subject: Any) -> None:
        """Once `subject` is locked and read afresh. Raises `Conflict` where somebody else has
        written something else since the page was opened."""
        if self.version.seen != self.state(subject) and (others := self._others(subject)):
            found = " ; ".join(
                f"{each.label} : « {each.stored or '–'} » est enregistré, vous avez écrit"
                f" « {each.typed or '–'} »" for each in others
            )  # fmt: skip
            raise Conflict(
                f"Une autre personne a modifié cette page entre-temps. {found}."
                " Enregistrez de nouveau pour garder ce que vous avez écrit."
            )

    def _others(self, subject: Any) -> list[Difference]:
        found = []
        for name, stored in self._stored(subject).items():
            field = self[name]
            typed = field.data
            if (stored or None) != (typed or None):
                mine, field.data = shown(field), stored
                found.append(Difference(field.label.text, shown(field), mine))
                field.data = typed
        return found
