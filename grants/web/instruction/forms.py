"""The shape of what instructors and coordinators type."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is not in the stubs yet
    Field,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
)
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from grants.french import PARIS, day, today
from grants.models import Contract, FundingLine, Judgement, Kind, Outcome
from grants.web.fields import Checkboxes, TextLine, line, paragraphs
from grants.web.forms import DAY_ADVICE, AmountField, DayField, Form
from grants.web.versioned import MergedForm, VersionedForm
from grants.words import REASONS, word

LONGEST = 5000
PROPOSE = "PROPOSE"
CHOICES: dict[object, str] = {
    PROPOSE: "Proposer un montant (le comité décidera)",
    Outcome.ACCEPTED: "Accorder",
    Outcome.REJECTED: "Refuser",
    Outcome.DEFERRED: "Reporter à plus tard",
    Outcome.CANCELLED: "Annuler l'accord (l'argent redevient disponible)",
}


def options(pairs: Iterable[tuple[object, str]]) -> list[SelectChoice]:
    return [SelectChoice(str(value), label) for value, label in pairs]


class Marked:
    """Says at the label that the field is obligatory, wherever it is shown; the domain refuses to do without it."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        """Nothing: it only marks."""


def source_line() -> TextLine:
    """Asked of whoever writes on behalf of an institution."""
    return line(REASONS["typed_from"], 250, also=[Marked()])


class DecisionForm(MergedForm):
    """One form for all that a funder may say; `choice` tells which fields count."""

    deed = True

    choice = RadioField("Que décidez-vous ?", validators=[InputRequired("Choisissez une décision.")])
    proposed = AmountField("Montant proposé, en euros")
    granted = AmountField("Montant accordé, en euros")
    condition = paragraphs("Condition (facultatif)", LONGEST)
    raised_reason = paragraphs(f"{REASONS['raised_reason']} (seulement dans ce cas)", LONGEST)
    reason = paragraphs(REASONS["reason"], LONGEST)
    redirected_to = line("Réorienté vers (facultatif)", 250)
    revision_reason = paragraphs(REASONS["revision_reason"], LONGEST)
    typed_from = source_line()


def decision_form(line: FundingLine) -> DecisionForm:
    """Over what is stored, as the page of a decision and the sheet show it."""
    form = DecisionForm(data=_stored(line))
    form.choice.choices = options(_choices(line))
    form.over(line)
    return form


def _stored(line: FundingLine) -> dict[str, object]:
    """What the form shows at first; a reason to change is always typed anew."""
    decided = not line.waits
    suggested = line.granted if decided else line.proposed or line.requested
    return {
        "choice": line.outcome.value if decided else None,
        "proposed": line.proposed,
        "granted": suggested,
        "condition": line.condition,
        "raised_reason": line.raised_reason,
        "reason": line.reason,
        "redirected_to": line.redirected_to,
        "typed_from": line.typed_from,
    }


def _choices(line: FundingLine) -> list[tuple[object, str]]:
    found = dict(CHOICES)
    if not line.waits:
        del found[PROPOSE]
    if line.outcome is not Outcome.ACCEPTED:
        del found[Outcome.CANCELLED]
    return list(found.items())


class NotificationForm(MergedForm):
    deed = True
    act_number = line("Numéro de l'acte (arrêté, délibération, convention)", 80)
    act_date = DayField("Date de l'acte")
    typed_from = source_line()

    def __init__(self, obj: FundingLine) -> None:
        super().__init__(obj=obj)
        self.line = obj

    def validate_act_date(self, field: DayField) -> None:
        """A slip in the year is likely: not in the future, nor long before the deposit."""
        project = self.line.project
        sent = project.submitted_at
        refuse_unlikely(field, sent.astimezone(PARIS).year if sent else project.year)


def refuse_unlikely(act_date: DayField, year: int) -> None:
    """An act to come, or older than the year before `year`."""
    first = date(year - 1, 1, 1)
    if act_date.data and not first <= act_date.data <= today():
        raise ValidationError(f"Vérifiez la date de l'acte : elle va du {day(first)} à aujourd'hui. {DAY_ADVICE}")


class ReasonForm(VersionedForm):
    """For a step of the workflow."""

    reason = paragraphs("Motif", LONGEST)


class OpeningForm(VersionedForm):
    raised_reason = paragraphs("Motif", LONGEST)


def commune_field() -> SelectField:
    return SelectField("Commune principale de l'action", coerce=lambda value: int(value) if value else None)


def offer_communes(form: Any, contract: Contract) -> None:
    """Of a contract that has several; else nothing is asked."""
    if communes := contract.named_communes:
        named = [SelectChoice(str(commune.id), commune.label) for commune in communes]
        form.commune_id.choices = [SelectChoice("", "Choisissez une commune"), *named]
    else:
        del form.commune_id


class ClassificationForm(MergedForm):
    campaign_id = SelectField("Appel à projets", coerce=int)
    theme_id = SelectField("Classement", coerce=int)
    commune_id = commune_field()
    kind = RadioField("Nature de l'action", choices=options((k, word(k)) for k in Kind))
    year_of = IntegerField("Action pluriannuelle : année", validators=[Optional(), NumberRange(1, 10)])
    years_total = IntegerField("sur combien d'années", validators=[Optional(), NumberRange(1, 10)])
    reason = paragraphs("Motif (obligatoire une fois la programmation validée)", LONGEST)


class LineageForm(MergedForm):
    """`references`: those offered that it follows; `others`: more of them, by their numbers."""

    references = Checkboxes("Ce dossier fait suite à")
    others = line("Autres numéros de dossiers, séparés par des virgules", 250)


class OpinionForm(Form):
    body = RadioField("Au nom de")
    judgement = RadioField(
        "Avis", choices=options((j, word(j)) for j in Judgement), validators=[InputRequired("Choisissez un avis.")]
    )
    remark = paragraphs("Remarque", LONGEST)
