"""The shape of what instructors and coordinators type."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is not in the stubs yet
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from grants.errors import Conflict, DomainError
from grants.french import PARIS, day
from grants.models import FundingLine, Judgement, Kind, Project, now
from grants.web.forms import DAY_ADVICE, AmountField, DayField, Form, NoNul
from grants.words import word

LONG = 5000


def options(pairs: Iterable[tuple[object, str]]) -> list[SelectChoice]:
    return [SelectChoice(str(value), label) for value, label in pairs]


def _text(label: str, most: int = LONG) -> Any:
    kind = TextAreaField if most == LONG else StringField
    limits = [Length(max=most, message=f"Au plus {most} caractères."), NoNul()]
    more = {"rows": 3} if most == LONG else {}
    return kind(label, validators=limits, filters=[lambda text: (text or "").strip()],
                render_kw=more)  # fmt: skip


def long_text(label: str) -> TextAreaField:
    field: TextAreaField = _text(label)
    return field


def short_text(label: str, most: int) -> StringField:
    field: StringField = _text(label, most)
    return field


class VersionedForm(Form):
    """Carries the version that the person saw. After a conflict, which shows both values, it
    carries the present one: sending again is then deliberate."""

    version = HiddenField()

    @property
    def seen(self) -> int:
        """What is no version is an old one; what the form was filled with was not sent."""
        text = str(self.version.raw_data[0]) if self.version.raw_data else ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1

    def show(self, subject: FundingLine | Project) -> None:
        """Before the page is shown (again)."""
        if not self.version.raw_data or self.conflict:
            self.version.raw_data = None
            self.version.data = str(subject.version)

    conflict = False

    def refuse(self, error: DomainError) -> None:
        self.conflict = self.conflict or isinstance(error, Conflict)
        super().refuse(error)


class DecisionForm(VersionedForm):
    """One form for all that a funder may say; `choice` tells which fields count."""

    choice = RadioField(
        "Que décidez-vous ?", validators=[InputRequired("Choisissez une décision.")]
    )
    proposed = AmountField("Montant proposé, en euros")
    granted = AmountField("Montant accordé, en euros")
    condition = _text("Condition (facultatif)")
    raised_reason = _text("Pourquoi accorder plus que demandé ? (seulement dans ce cas)")
    reason = _text("Motif")
    redirected_to = _text("Réorienté vers (facultatif)", 250)
    revision_reason = _text("Pourquoi cette décision change-t-elle ?")
    typed_from = _text("Source : courriel, comité, arrêté", 250)


class NotificationForm(VersionedForm):
    act_number = _text("Numéro de l'acte (arrêté, délibération, convention)", 80)
    act_date = DayField("Date de l'acte")
    typed_from = _text("Source : courriel, comité, arrêté", 250)

    def __init__(self, obj: FundingLine) -> None:
        super().__init__(obj=obj)
        self.line = obj

    def validate_act_date(self, field: DayField) -> None:
        """A slip in the year is likely: not in the future, nor long before the deposit."""
        project, today = self.line.project, now().astimezone(PARIS).date()
        sent = project.submitted_at
        first = date((sent.astimezone(PARIS).year if sent else project.year) - 1, 1, 1)
        if field.data and not first <= field.data <= today:
            raise ValidationError(
                f"Vérifiez la date de l'acte : elle va du {day(first)} à aujourd'hui."
                f" {DAY_ADVICE}"
            )


class ReasonForm(VersionedForm):
    """For a step of the workflow, and for opening a funder's line."""

    reason = _text("Motif")


class ClassificationForm(VersionedForm):
    campaign_id = SelectField("Appel à projets", coerce=int)
    theme_id = SelectField("Classement", coerce=int)
    kind = RadioField("Nature de l'action", choices=options((k, word(k)) for k in Kind))
    year_of = IntegerField(
        "Action pluriannuelle : année", validators=[Optional(), NumberRange(1, 10)]
    )
    years_total = IntegerField(
        "sur combien d'années", validators=[Optional(), NumberRange(1, 10)]
    )
    reason = _text("Motif (obligatoire une fois la programmation validée)")


class PredecessorForm(VersionedForm):
    reference = _text("Numéro du dossier de l'année précédente", 20)


class OpinionForm(Form):
    body = RadioField("Au nom de")
    judgement = RadioField(
        "Avis",
        choices=options((j, word(j)) for j in Judgement),
        validators=[InputRequired("Choisissez un avis.")],
    )
    remark = _text("Remarque")
