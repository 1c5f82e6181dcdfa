"""Forms that carry what the person saw: nobody's words are overwritten unseen (rules 8); and what
their fields hold, as one reads it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any, ClassVar

from flask import request
from wtforms import BooleanField, DateField, Field, SelectField, SelectMultipleField

from grants.domain.ledger.seen import fingerprint
from grants.errors import Conflict, DomainError
from grants.french import day, decimal, euros, whole
from grants.web.fields import SeenField, WholeField
from grants.web.forms import AmountField, Form, QuantityField

CHOICE = "garder-"  # and a field's name: which of two versions is kept
THEIRS = "autre"
ASKED = "cette réponse a changé entre-temps. Choisissez ce qui est gardé."

DOUBTED = "est-ce bien ce que vous vouliez écrire ? Confirmez-le, ou corrigez-le."


class VersionedForm(Form):
    """For one deed on something that has a version; after a conflict it carries what there is
    now: sending again is then deliberate."""

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


class MergedForm(VersionedForm):
    """Over stored values, of which it carries a mark each (`7;title=9f86d081,kind=60303ae2`): what
    only one of two people has changed is taken, what both have is asked, field by field
    (`disputed`).

    `deed`: what is sent is one decision, in which nothing of another's is taken without asking.
    `numbered`: the domain compares versions, and a page without marks is its affair."""

    deed: ClassVar[bool] = False
    numbered: ClassVar[bool] = True
    meanwhile = "Une autre personne a modifié cette page entre-temps."
    state_now = ""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.version.asks = self
        self.disputed: dict[str, Difference] = {}
        self.taken: list[Field] = []
        self.doubted: dict[str, tuple[Field, str]] = {}

    def asked(self) -> list[Field]:
        """The fields that people see."""
        return [f for f in self if f.name not in ("version", "csrf_token")]

    def typed(self) -> dict[str, Any]:
        """By the names of the fields, which are those of what they fill."""
        return {f.name: f.data for f in self.asked()}

    def together(self, name: str) -> str:
        """The part that a field belongs to: of it, all is one person's."""
        return name

    def over(self, subject: Any) -> None:
        """What there is already, that the form was filled with; before it is validated."""
        self.state_now = self.state(subject)

    @property
    def seen(self) -> int:
        """All is settled with what there was when the form was filled."""
        return int(self.state_now) if self.state_now and self.marks else super().seen

    @property
    def marks(self) -> dict[str, str] | None:
        """Of what the person saw; nothing where the page does not say so."""
        _, told, pairs = self.version.seen.partition(";")
        each = (pair.partition("=")[::2] for pair in pairs.split(","))
        return dict(each) if told else None

    def keep_asking(self, form: MergedForm) -> None:
        """A page of what is stored now asks what `form` asks still."""
        self.disputed, saw = form.disputed, form.marks
        self._show(self.state_now, saw or {})

    def show(self, subject: Any) -> None:
        if not self.version.raw_data or self.conflict or self.disputed:
            self._show(self.state(subject), self.marks or {})

    def _show(self, state: str, saw: dict[str, str]) -> None:
        marks = {f.name: saw.get(f.name, "?") if f.name in self.disputed else mark(f, stored(f)) for f in self.asked()}
        pairs = ",".join(f"{name}={each}" for name, each in marks.items() if each)
        self.version.show(f"{state};{pairs}")

    def validate(self, extra_validators: Any = None) -> bool:
        self._settle()
        sound = super().validate(extra_validators)
        for name in self.disputed:
            self[name].errors = [*self[name].errors, ASKED]
        return bool(sound) and not self.disputed

    def _settle(self) -> None:
        saw = self.marks
        if not self.state_now or (saw is None and self.numbered):
            return
        by_us, by_others = set(), set()
        for f in self.asked():
            before = None if saw is None else saw.get(f.name, "")
            if f.process_errors or mark(f, f.data) != before:
                by_us.add(self.together(f.name))
            if mark(f, stored(f)) != before:
                by_others.add(self.together(f.name))
        for f in self.asked():
            part, theirs = self.together(f.name), mark(f, stored(f))
            if part not in by_others or (theirs == mark(f, f.data) and not f.process_errors):
                continue
            chosen = request.form.get(CHOICE + f.name)
            if chosen == THEIRS or not (part in by_us or self.deed):
                self._take(f)
            elif chosen != f"moi-{theirs}":
                self._ask(f)

    def _take(self, field: Field) -> None:
        field.data, field.raw_data, field.process_errors = stored(field), None, []
        self.taken.append(field)

    def _ask(self, field: Field) -> None:
        mine, typed = shown(field), field.data
        field.data = stored(field)
        self.disputed[field.name] = Difference(field.label.text, shown(field), mine, mark(field, field.data))
        field.data = typed

    def written(self) -> None:
        """What the fields hold is now what there is; `show` says so."""
        for f in self.asked():
            f.object_data = f.data
        self.version.show("")

    def doubt(self, field: Field) -> None:
        """Ask whether this is meant, unless it has been said of this very value."""
        meant = f"sur-{mark(field, field.data)}"
        if request.form.get(CHOICE + field.name) != meant and field.name not in self.disputed:
            self.doubted[field.name] = (field, meant)
            field.errors = [*field.errors, DOUBTED]

    def changed(self) -> set[str]:
        return {f.name for f in self.asked() if mark(f, f.data) != mark(f, stored(f))}

    @contextmanager
    def sparing(self, names: Collection[str]) -> Iterator[None]:
        """These, and what goes together with them, hold meanwhile what is stored."""
        parts = {self.together(name) for name in names}
        typed = {f: f.data for f in self.asked() if self.together(f.name) in parts}
        for f in typed:
            f.data = stored(f)
        try:
            yield
        finally:
            for f, data in typed.items():
                f.data = data


class UnnumberedForm(MergedForm):
    """Of values that no number tells apart, which tell it themselves."""

    numbered = False

    def state(self, subject: Any) -> str:
        return fingerprint(subject)

    def refuse_unseen(self, subject: Any) -> None:
        """Once `subject` is locked and read afresh. Raises `Conflict` where somebody else has
        written since the form was filled, a moment ago."""
        if self.state(subject) != self.state_now:
            raise Conflict(f"{self.meanwhile} Enregistrez de nouveau.")


class UnversionedForm(UnnumberedForm):
    """Of a thing that has no version."""

    def state(self, subject: Any) -> str:
        return fingerprint([getattr(subject, f.name, None) for f in self])


def stored(field: Field) -> Any:
    """What the form was filled with, before what was sent."""
    typed = field.data
    field.process_data(field.object_data)
    found, field.data = field.data, typed
    for clean in field.filters:
        found = clean(found)
    return found


def mark(field: Field, data: Any) -> str:
    """Short, the same for the same value, and empty for nothing."""
    if data is None or data is False or data in ("", [], ()):
        return ""
    if isinstance(data, Decimal):
        data = f"{data.normalize():f}"
    if isinstance(field, SelectMultipleField):
        data = sorted(map(str, data))
    return sha256(str(data).encode()).hexdigest()[:8]


def as_sent(field: Field) -> list[str]:
    """The values that a browser would send of it."""
    if isinstance(field.data, bool):
        return ["y"] if field.data else []
    if isinstance(field, SelectMultipleField):
        return [str(each) for each in field.data or ()]
    if hasattr(field, "choices"):
        return ["" if field.data is None else str(field.data)]
    return [field._value()]  # type: ignore[attr-defined]


FIGURES: tuple[tuple[type[Field], Any], ...] = (
    (QuantityField, decimal),
    (AmountField, euros),
    (DateField, day),
    (WholeField, whole),
)


def _chosen(field: SelectField) -> list[str]:
    choices: Any = field.iter_choices()  # named tuples, which the stubs do not know yet
    return [choice.label for choice in choices if choice.selected and choice.value != ""]


def shown(field: Field) -> str:
    """What a field holds, as one reads it; empty text when it holds nothing."""
    value: Any = field.data
    if value is None or value == "":
        return ""
    if isinstance(field, SelectMultipleField):
        return ", ".join(_chosen(field))
    if isinstance(field, SelectField):
        return "".join(_chosen(field))
    if isinstance(field, BooleanField):
        return "oui" if value else "non"
    if isinstance(value, list):
        return " · ".join(value)
    for kind, words in FIGURES:
        if isinstance(field, kind):
            return str(words(value))
    return str(value)


@dataclass(frozen=True)
class Difference:
    """A field that two people wrote differently; `mark` tells what is stored now."""

    label: str
    stored: str
    typed: str
    mark: str
