"""The forms of the dossier: shape only. Fields are named after the answers that they fill."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any, Self

from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from grants.domain.dossier.answers import (
    CalendarAnswers,
    OrganisationAnswers,
    ProjectAnswers,
    PublicAnswers,
    StatementsAnswers,
    predecessors,
)
from grants.domain.dossier.drafts import Answers
from grants.domain.dossier.themes import offered, theme_label
from grants.domain.organisation.asked import Missing, missing
from grants.models import Kind, Project
from grants.web.forms import DayField, Form, NoNul

MOST_WORDS = 10_000
KINDS = [
    (Kind.NEW, "Une action nouvelle"),
    (Kind.RENEWAL, "Le renouvellement d'une action déjà menée"),
    (Kind.MULTIYEAR, "Une année d'une convention pluriannuelle d'objectifs (CPO)"),
]


def tidy(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


def at_most(length: int) -> list[Any]:
    return [
        Length(max=length, message=f"Ce texte dépasse {length} caractères : raccourcissez-le."),
        NoNul(),
    ]


def _line(label: str) -> StringField:
    return StringField(label, at_most(250), filters=[tidy], render_kw={"maxlength": 250})


def _words(label: str) -> TextAreaField:
    return TextAreaField(label, at_most(MOST_WORDS), filters=[tidy], render_kw={"rows": 6})


def _optional_id(value: Any) -> int | None:
    """The id chosen in a list, nothing for its empty line; raises `ValueError` otherwise."""
    return None if value == "" else int(value)


class SeenField(HiddenField):
    """What the person had before them; a page that does not say so has seen nothing."""

    @property
    def seen(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else ""

    def show(self, version: str) -> None:
        self.data, self.raw_data = version, None


class WholeField(StringField):
    """A count as people type it (`1 200`), or nothing; `least` and `most` are its bounds."""

    data: Any

    def __init__(self, label: str, least: int = 0, most: int = 1_000_000, **more: Any) -> None:
        super().__init__(label, render_kw={"inputmode": "numeric", "autocomplete": "off"}, **more)
        self.least, self.most = least, most

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:
            return
        self.data = None
        bare = "".join(str(valuelist[0]).split())
        if not bare:
            return
        if not re.fullmatch(r"[0-9]{1,9}", bare) or not self.least <= int(bare) <= self.most:
            raise ValueError(f"Écrivez un nombre entier entre {self.least} et {self.most}.")
        self.data = int(bare)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)


class Checkboxes(SelectMultipleField):
    """Several choices, a box each; `data` is a sorted tuple, as answers hold it."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()
    data: Any

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.type = "SelectMultipleField"  # what the template's macro knows

    def process_data(self, value: Any) -> None:
        self.data = tuple(value or ())

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        self.data = tuple(sorted(set(self.data or ())))


class SectionForm(Form):
    """`version`: fingerprint of what the person had before them."""

    version = SeenField()

    @classmethod
    def showing(cls, project: Project, stored: Answers, **more: Any) -> Self:
        """Filled with what is stored, unless the request brings something else."""
        form = cls(data={**cls.values(stored), "version": stored.fingerprint()}, **more)
        form.offer(project)
        return form

    @classmethod
    def reading(cls, project: Project, stored: Answers) -> Self:
        """Filled with what is stored, to read it; its lists need no more than what was chosen."""
        form = cls(data=cls.values(stored), formdata=None, meta={"csrf": False})
        form.offer_chosen(project)
        return form

    @classmethod
    def values(cls, stored: Answers) -> dict[str, Any]:
        return asdict(stored)  # type: ignore[call-overload, no-any-return]

    def offer(self, project: Project) -> None:
        """Fill the lists to choose from."""

    def offer_chosen(self, project: Project) -> None:
        """Fill them with what was chosen."""
        self.offer(project)

    def propose(self, project: Project) -> None:
        """Fill what is empty with what is known elsewhere; nothing is stored by it."""

    def answers(self) -> Answers:
        """What was typed; after validation."""
        raise NotImplementedError

    def asked(self) -> list[Field]:
        """The fields that people see."""
        return [f for f in self if f.name not in ("version", "csrf_token")]

    def typed(self) -> dict[str, Any]:
        return {f.name: f.data for f in self.asked()}


class OrganisationForm(SectionForm):
    confirmed = BooleanField("Ces renseignements sont exacts et à jour")
    lacks: list[Missing]

    def offer(self, project: Project) -> None:
        """Only a complete record is there to be confirmed."""
        self.lacks = missing(project.organisation, project.year)

    def offer_chosen(self, project: Project) -> None:
        """Confirmed or not, that is all there is to read."""

    def answers(self) -> OrganisationAnswers:
        return OrganisationAnswers(**self.typed())


class ProjectForm(SectionForm):
    title = _line("Titre de l'action")
    kind = RadioField("Cette demande concerne", coerce=Kind)
    year_of = WholeField("Année n°", 1, 20)
    years_total = WholeField("Sur combien d'années", 1, 20)
    predecessor_id = SelectField("Dossier de l'année précédente", coerce=_optional_id)
    applicant_theme_id = SelectField("Orientation du contrat de ville", coerce=_optional_id)
    cross_theme_ids = Checkboxes("Thématiques transversales", coerce=int)
    objectives = _words("Objectifs de l'action")
    description = _words("Description de l'action")

    def offer(self, project: Project) -> None:
        contract = project.campaign.contract
        themes: dict[str, list[tuple[int | str, str]]] = {
            "Orientations": [("", "Choisissez une orientation")]
        }
        for theme in offered(project.contract_id, project.campaign.kind):
            themes.setdefault(theme.group or "Orientations", []).append((theme.id, theme.label))
        chosen = project.applicant_theme
        if chosen and chosen.id not in {id_ for group in themes.values() for id_, _ in group}:
            themes["Qui n'est plus proposée"] = [(chosen.id, chosen.label)]
        self.kind.choices = KINDS
        self.applicant_theme_id.choices = themes
        self.predecessor_id.choices = [
            ("", "Aucun, ou pas dans la liste"), *predecessors(project)
        ]  # fmt: skip
        self.cross_theme_ids.choices = [(t.id, t.label) for t in contract.cross_themes]

    def offer_chosen(self, project: Project) -> None:
        theme, before = project.applicant_theme, project.predecessor_id
        self.kind.choices = KINDS
        self.applicant_theme_id.choices = [(theme.id, theme_label(theme))] if theme else []
        self.predecessor_id.choices = predecessors(project) if before else []
        self.cross_theme_ids.choices = [(t.id, t.label) for t in project.cross_themes]

    def answers(self) -> ProjectAnswers:
        return ProjectAnswers(**self.typed())


class PublicForm(SectionForm):
    audience = _words("Public visé")
    beneficiaries = WholeField("Nombre de bénéficiaires attendu")
    beneficiaries_qpv = WholeField("Dont habitants du quartier prioritaire")
    zone_ids = Checkboxes("Quartiers concernés", coerce=int)
    place = _line("Lieu de l'action")

    def offer(self, project: Project) -> None:
        self.zone_ids.choices = [(z.id, z.label) for z in project.campaign.contract.zones]

    def offer_chosen(self, project: Project) -> None:
        self.zone_ids.choices = [(z.id, z.label) for z in project.zones]

    def answers(self) -> PublicAnswers:
        return PublicAnswers(**self.typed())


class CalendarForm(SectionForm):
    starts_on = DayField("Début de l'action")
    ends_on = DayField("Fin de l'action")
    schedule = _words("Rythme et étapes")

    def answers(self) -> CalendarAnswers:
        return CalendarAnswers(**self.typed())


class StatementsForm(SectionForm):
    sworn = BooleanField("J'atteste sur l'honneur ce qui précède")
    commitment = BooleanField("L'organisation souscrit le contrat d'engagement républicain")

    def answers(self) -> StatementsAnswers:
        return StatementsAnswers(**{"commitment": False, **self.typed()})


class DepositForm(Form):
    """`version`: the dossier as it stood on the page that was checked."""

    version = SeenField()

    @property
    def seen(self) -> int:
        """0, which no dossier is at, when the page sent nothing sensible."""
        text = self.version.seen
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0


class WithdrawForm(Form):
    reason = TextAreaField(
        "Motif", [InputRequired("Indiquez le motif : il figurera au dossier."), *at_most(2000)],
        filters=[tidy], render_kw={"rows": 3},
    )  # fmt: skip


class StartForm(Form):
    organisation_id = RadioField(
        "Pour quelle organisation déposez-vous ?", [InputRequired("Choisissez une organisation.")],
        coerce=int,
    )  # fmt: skip
