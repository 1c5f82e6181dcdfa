"""The forms of the dossier: shape only. Fields are named after the answers that they fill."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict
from math import inf
from typing import Any, ClassVar, Self, TypeVar

from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import InputRequired

from grants.domain.dossier.answers import (
    CalendarAnswers,
    OrganisationAnswers,
    ProjectAnswers,
    PublicAnswers,
    StatementsAnswers,
    predecessors,
)
from grants.domain.dossier.drafts import Answers
from grants.domain.dossier.pieces import PiecesAnswers
from grants.domain.dossier.themes import offered, theme_label
from grants.domain.organisation.asked import Missing, missing
from grants.models import Commune, CrossTheme, Kind, Project, Zone
from grants.web.fields import Checkboxes, SeenField, WholeField, line, paragraphs
from grants.web.forms import DayField, Form
from grants.web.versioned import UnnumberedForm

T = TypeVar("T", Zone, CrossTheme)
KINDS = [
    (Kind.NEW, "Une action nouvelle"),
    (Kind.RENEWAL, "Le renouvellement d'une action déjà menée"),
    (Kind.MULTIYEAR, "Une année d'une convention pluriannuelle d'objectifs (CPO)"),
]
SWORN = "J'atteste sur l'honneur ce qui précède"
COMMITMENT = "L'organisation souscrit le contrat d'engagement républicain"


def _optional_id(value: Any) -> int | None:
    """The id chosen in a list, nothing for its empty line; raises `ValueError` otherwise."""
    return None if value == "" else int(value)


class SectionForm(UnnumberedForm):
    """A page of the dossier, filled with what is stored, unless the request brings something
    else."""

    holds: ClassVar[type[Answers]]

    @classmethod
    def showing(cls, project: Project, stored: Answers, **more: Any) -> Self:
        form = cls(data=cls.values(stored), **more)
        form.offer(project)
        form.over(stored)
        form.show(stored)
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
        return self.holds(**self.typed())


class OrganisationForm(SectionForm):
    holds = OrganisationAnswers
    confirmed = BooleanField("Ces renseignements sont exacts et à jour")
    lacks: list[Missing]

    def offer(self, project: Project) -> None:
        """Only a complete record is there to be confirmed."""
        self.lacks = missing(project.organisation, project.year)

    def offer_chosen(self, project: Project) -> None:
        """Confirmed or not, that is all there is to read."""


# What is asked in other words where a call pays for an organisation as a whole.
OPERATING = {
    "title": "Objet de la demande",
    "objectives": "Ce que fait votre organisation, et à quoi l'aide servira",
    "description": "Précisions (facultatif)",
}


class ProjectForm(SectionForm):
    holds = ProjectAnswers
    title = line("Titre de l'action")
    kind = RadioField("Cette demande concerne", coerce=Kind)
    year_of = WholeField("Année n°", 1, 20)
    years_total = WholeField("Sur combien d'années", 1, 20)
    predecessor_id = SelectField("Dossier de l'année précédente", coerce=_optional_id)
    applicant_theme_id = SelectField("Orientation du contrat de ville", coerce=_optional_id)
    cross_theme_ids = Checkboxes("Thématiques transversales", coerce=int)
    objectives = paragraphs("Objectifs de l'action", rows=6)
    description = paragraphs("Description de l'action", rows=6)

    def offer(self, project: Project) -> None:
        self._name(project)
        contract = project.campaign.contract
        themes: dict[str, list[tuple[int | str, str]]] = {"Orientations": [("", "Choisissez une orientation")]}
        for theme in offered(project.contract_id, project.campaign.kind):
            themes.setdefault(theme.group or "Orientations", []).append((theme.id, theme.label))
        chosen = project.applicant_theme
        if chosen and chosen.id not in {id_ for group in themes.values() for id_, _ in group}:
            themes["Qui n'est plus proposée"] = [(chosen.id, chosen.label)]
        self.kind.choices = KINDS
        self.applicant_theme_id.choices = themes
        self.predecessor_id.choices = [("", "Aucun, ou pas dans la liste"), *predecessors(project)]
        themes_offered = still_offered(contract.cross_themes, project.cross_themes)
        self.cross_theme_ids.choices = [(t.id, t.label) for t in themes_offered]

    def _name(self, project: Project) -> None:
        for name, words in OPERATING.items() if project.campaign.operating else ():
            self[name].label.text = words

    def offer_chosen(self, project: Project) -> None:
        self._name(project)
        theme, before = project.applicant_theme, project.predecessor_id
        self.kind.choices = KINDS
        self.applicant_theme_id.choices = [(theme.id, theme_label(theme))] if theme else []
        self.predecessor_id.choices = predecessors(project) if before else []
        self.cross_theme_ids.choices = [(t.id, t.label) for t in project.cross_themes]


def still_offered(parts: Iterable[T], chosen: Collection[T]) -> list[T]:
    """Those that are archived only where they are chosen already."""
    return [part for part in parts if not part.archived or part in chosen]


class PublicForm(SectionForm):
    holds = PublicAnswers
    audience = paragraphs("Public visé", rows=6)
    beneficiaries = WholeField("Nombre de bénéficiaires attendu")
    beneficiaries_qpv = WholeField("Dont habitants du quartier prioritaire")
    commune_id = SelectField("Commune principale de l'action", coerce=_optional_id)
    other_commune_ids = Checkboxes("Autres communes concernées", coerce=int)
    zone_ids = Checkboxes("Quartiers concernés", coerce=int)
    place = line("Lieu de l'action")

    def offer(self, project: Project) -> None:
        contract = project.campaign.contract
        self._offer(contract.named_communes, still_offered(contract.zones, project.zones))

    def offer_chosen(self, project: Project) -> None:
        chosen = [project.commune] if project.commune else []
        self._offer([*chosen, *project.communes_beside], project.zones)

    def _offer(self, communes: list[Commune], zones: list[Zone]) -> None:
        """The zones of each commune together; of one commune nothing is asked of it."""
        self.zone_ids.choices = [(zone.id, zone.label) for zone in zones]
        if not communes:
            del self.commune_id, self.other_commune_ids
            return
        named = [(commune.id, commune.label) for commune in communes]
        self.commune_id.choices, self.other_commune_ids.choices = [("", "Choisissez une commune"), *named], named
        ranked = sorted(zones, key=lambda zone: zone.commune.position if zone.commune else inf)  # else as they are
        self.zone_ids.choices = [(z.id, f"{z.commune.label} : {z.label}" if z.commune else z.label) for z in ranked]


class CalendarForm(SectionForm):
    holds = CalendarAnswers
    starts_on = DayField("Début de l'action")
    ends_on = DayField("Fin de l'action")
    schedule = paragraphs("Rythme et étapes", rows=6)


class StatementsForm(SectionForm):
    holds = StatementsAnswers
    deed = True
    sworn = BooleanField(SWORN)
    commitment = BooleanField(COMMITMENT)

    def answers(self) -> StatementsAnswers:
        return StatementsAnswers(**{"commitment": False, **self.typed()})


class PiecesForm(SectionForm):
    """Nothing is typed: files are sent."""

    holds = PiecesAnswers


class DepositForm(Form):
    """`version`: the dossier as it stood on the page that was checked; the two statements, where a
    signatory makes them by the same press."""

    version = SeenField()
    sworn = BooleanField(SWORN)
    commitment = BooleanField(COMMITMENT)


class WithdrawForm(Form):
    """The domain says whether a reason is needed."""

    reason = paragraphs("Motif", 2000)


class StartForm(Form):
    organisation_id = RadioField(
        "Pour quelle organisation déposez-vous ?", [InputRequired("Choisissez une organisation.")], coerce=int
    )
