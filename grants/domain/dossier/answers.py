"""The sections in words: organisation, project, audience, calendar, statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Self, TypeVar

from sqlalchemy import select

from grants.database import all_of, db
from grants.domain.dossier.drafts import Answers, Section
from grants.domain.dossier.themes import offered
from grants.domain.organisation import asked, profile
from grants.errors import DomainError, NotAllowed
from grants.models import DEPOSITED, PUBLIC_BODIES, Commune, CrossTheme, Kind, Organisation, Project, User, Zone, now
from grants.permissions import is_signatory

MOST_YEARS_AWAY = 5  # a pluriannual action; more is a slip
T = TypeVar("T", Commune, CrossTheme, Zone)


def needs_commitment(organisation: Organisation) -> bool:
    """Associations and foundations (décret 2021-1947)."""
    return organisation.nature not in PUBLIC_BODIES


@dataclass(frozen=True)
class OrganisationAnswers(Answers):
    confirmed: bool

    section: ClassVar[Section] = Section.ORGANISATION

    @classmethod
    def of(cls, project: Project) -> Self:
        return cls(project.organisation_confirmed_at is not None)

    def write(self, project: Project, by: User) -> None:
        """Confirmed here, the organisation's record is confirmed as a whole."""
        if self.confirmed and asked.missing(project.organisation, project.year):
            raise DomainError(
                "Complétez d'abord la fiche de votre organisation : il y manque des renseignements.", "details"
            )
        if self.confirmed and project.organisation_confirmed_at is None:
            profile.confirm(project.organisation, by=by)
        project.organisation_confirmed_at = now() if self.confirmed else None


@dataclass(frozen=True)
class ProjectAnswers(Answers):
    """`predecessor_id`: last year's dossier, for an action that goes on."""

    title: str
    kind: Kind
    year_of: int | None
    years_total: int | None
    predecessor_id: int | None
    applicant_theme_id: int | None
    cross_theme_ids: tuple[int, ...]
    objectives: str
    description: str

    section: ClassVar[Section] = Section.PROJECT

    @classmethod
    def of(cls, project: Project) -> Self:
        themes = tuple(sorted(theme.id for theme in project.cross_themes))
        return cls.read(project, cross_theme_ids=themes)

    def write(self, project: Project, by: User) -> None:
        self._check_years()
        self._check_theme(project)
        self._check_predecessor(project)
        self.store(project, "year_of", "years_total", "predecessor_id", "cross_theme_ids")
        several = self.kind is Kind.MULTIYEAR
        project.year_of = self.year_of if several else None
        project.years_total = self.years_total if several else None
        project.predecessor_id = None if self.kind is Kind.NEW else self.predecessor_id
        project.cross_themes = _of_contract(CrossTheme, project, self.cross_theme_ids, "cross_theme_ids")

    def _check_years(self) -> None:
        if self.kind is not Kind.MULTIYEAR:
            return
        if self.year_of is None or self.years_total is None:
            raise DomainError(
                "Indiquez de quelle année il s'agit et combien d'années dure l'action (par exemple année 2 sur 3).",
                "year_of" if self.year_of is None else "years_total",
            )
        if not 1 <= self.year_of <= self.years_total:
            raise DomainError(f"L'année doit être comprise entre 1 et {self.years_total}.", "year_of")

    def _check_theme(self, project: Project) -> None:
        if self.applicant_theme_id in (None, project.applicant_theme_id):
            return
        allowed = offered(project.contract_id, project.campaign.kind)
        if self.applicant_theme_id not in {choice.id for choice in allowed}:
            raise DomainError("Choisissez une orientation de la liste de cet appel.", "applicant_theme_id")

    def _check_predecessor(self, project: Project) -> None:
        if self.kind is Kind.NEW or self.predecessor_id is None:
            return
        if self.predecessor_id not in {id_ for id_, _ in predecessors(project)}:
            raise DomainError("Choisissez un dossier de votre organisation d'une année précédente.", "predecessor_id")


def predecessors(project: Project) -> list[tuple[int, str]]:
    """The organisation's dossiers of earlier years in this contract: id and label."""
    rows = db.session.execute(
        select(Project.id, Project.year, Project.title)
        .where(
            Project.organisation_id == project.organisation_id,
            Project.contract_id == project.contract_id,
            Project.year < project.year,
            Project.state.in_(DEPOSITED),
            Project.reference.is_not(None),
        )
        .order_by(Project.year.desc(), Project.title)
    )
    return [(id_, f"{year} – {title}") for id_, year, title in rows]


@dataclass(frozen=True)
class PublicAnswers(Answers):
    """`beneficiaries_qpv`: those who live in the priority area. `commune_id`: the main one, of a
    contract that has several."""

    audience: str
    beneficiaries: int | None
    beneficiaries_qpv: int | None
    zone_ids: tuple[int, ...]
    place: str
    commune_id: int | None = None
    other_commune_ids: tuple[int, ...] = ()

    section: ClassVar[Section] = Section.PUBLIC

    @classmethod
    def of(cls, project: Project) -> Self:
        zones, others = (
            tuple(sorted(each.id for each in listed)) for listed in (project.zones, project.communes_beside)
        )
        return cls.read(project, zone_ids=zones, other_commune_ids=others)

    def write(self, project: Project, by: User) -> None:
        both = self.beneficiaries is not None and self.beneficiaries_qpv is not None
        if both and self.beneficiaries_qpv > self.beneficiaries:  # type: ignore[operator]
            raise DomainError(
                "Le nombre d'habitants du quartier prioritaire ne peut pas dépasser le nombre"
                f" total de bénéficiaires ({self.beneficiaries}).",
                "beneficiaries_qpv",
            )
        main = () if self.commune_id is None else (self.commune_id,)
        _of_contract(Commune, project, main, "commune_id")
        others = tuple(id_ for id_ in self.other_commune_ids if id_ not in main)
        self.store(project, "zone_ids", "other_commune_ids")
        project.zones = _of_contract(Zone, project, self.zone_ids, "zone_ids")
        project.other_communes = _of_contract(Commune, project, others, "other_commune_ids")


@dataclass(frozen=True)
class CalendarAnswers(Answers):
    starts_on: date | None
    ends_on: date | None
    schedule: str

    section: ClassVar[Section] = Section.CALENDAR

    def write(self, project: Project, by: User) -> None:
        for name in ("starts_on", "ends_on"):
            on = getattr(self, name)
            if on and abs(on.year - project.year) > MOST_YEARS_AWAY:
                raise DomainError(f"Vérifiez l'année de cette date : {on.year}.", name)
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise DomainError("La fin de l'action ne peut pas précéder son début.", "ends_on")
        self.store(project)


@dataclass(frozen=True)
class StatementsAnswers(Answers):
    """Made by a signatory, who answers for them; `commitment` where the law asks for it."""

    sworn: bool
    commitment: bool

    section: ClassVar[Section] = Section.STATEMENTS

    @classmethod
    def of(cls, project: Project) -> Self:
        return cls(project.sworn_at is not None, project.commitment_at is not None)

    def write(self, project: Project, by: User) -> None:
        if not is_signatory(by, project):
            raise NotAllowed("Seul un signataire de l'organisation peut faire ces attestations.")
        at = now()
        project.sworn_at = at if self.sworn else None
        project.sworn_by_id = by.id if self.sworn else None
        due = self.commitment and needs_commitment(project.organisation)
        project.commitment_at = at if due else None


def _of_contract(model: type[T], project: Project, ids: tuple[int, ...], field: str) -> list[T]:
    """The rows named by `ids`; raises `DomainError` for one that is not of this contract."""
    if not ids:
        return []
    rows = all_of(
        select(model).where(model.contract_id == project.contract_id, model.id.in_(ids)).order_by(model.position)
    )
    if len(rows) != len(set(ids)):
        raise DomainError("Choisissez parmi les propositions de la liste.", field)
    return rows
