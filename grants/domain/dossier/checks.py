"""What a dossier still lacks before it can be deposited: one list, for every page that says it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from grants.domain.campaign.criteria import field_name
from grants.domain.chart_of_accounts import BudgetTotals
from grants.domain.dossier import pieces
from grants.domain.dossier.answers import needs_commitment
from grants.domain.dossier.budget import asked_elsewhere, totals_of
from grants.domain.dossier.communes import elsewhere
from grants.domain.dossier.drafts import Section, is_asked
from grants.domain.dossier.questions import missing
from grants.domain.dossier.themes import offered
from grants.domain.organisation import asked
from grants.french import euros
from grants.models import Project


class DossierFault(NamedTuple):
    """`field` is the field of the section's form where it is mended."""

    section: str
    field: str
    message: str


def faults(project: Project, sums: BudgetTotals | None = None) -> list[DossierFault]:
    """In the order of the pages; empty when the dossier is complete and balanced. `sums`: the
    dossier's totals, where they are known already."""
    sums = sums or totals_of(project)
    by_section = {
        Section.ORGANISATION: _organisation(project),
        Section.PROJECT: _project(project),
        Section.PUBLIC: _public(project),
        Section.CALENDAR: _calendar(project),
        Section.MEANS: _means(project),
        Section.QUESTIONS: _questions(project),
        Section.BUDGET: _budget(sums),
        Section.REQUESTS: _requests(project, sums),
        Section.PIECES: _pieces(project),
        Section.STATEMENTS: _statements(project),
    }
    return [
        DossierFault(section, *fault)
        for section, faults in by_section.items()
        if is_asked(project.campaign, section)
        for fault in faults
    ]


Faults = Iterator[tuple[str, str]]


def _organisation(project: Project) -> Faults:
    for lack in asked.missing(project.organisation, project.year):
        yield "details", lack.message
    if project.organisation_confirmed_at is None:
        yield "confirmed", "Relisez et confirmez les renseignements sur votre organisation."


def _project(project: Project) -> Faults:
    if not project.title:
        yield "title", "Donnez un titre à votre action."
    if project.applicant_theme_id is None:
        yield "applicant_theme_id", "Choisissez l'orientation dans laquelle s'inscrit l'action."
    elif not _theme_is_offered(project):
        yield "applicant_theme_id", "Cette orientation n'est plus proposée, choisissez-en une."
    if not project.objectives:
        yield "objectives", "Écrivez les objectifs de l'action."
    if not project.description and not project.campaign.operating:
        yield "description", "Décrivez l'action."


def _theme_is_offered(project: Project) -> bool:
    allowed = offered(project.contract_id, project.campaign.kind)
    return project.applicant_theme_id in {choice.id for choice in allowed}


def _public(project: Project) -> Faults:
    if not project.audience:
        yield "audience", "Décrivez le public de l'action."
    if not project.beneficiaries:
        yield "beneficiaries", "Indiquez le nombre de bénéficiaires attendu."
    if project.beneficiaries_qpv is None:
        yield ("beneficiaries_qpv", "Indiquez combien de bénéficiaires habitent le quartier prioritaire (0 si aucun).")
    if not project.zones:
        yield "zone_ids", "Cochez au moins un quartier."
    if project.campaign.contract.named_communes:
        yield from _communes(project)


def _communes(project: Project) -> Faults:
    if project.commune_id is None:
        yield "commune_id", "Choisissez la commune principale de l'action."
        return
    named = {project.commune_id, *(commune.id for commune in project.other_communes)}
    for zone in project.zones:
        if zone.commune_id and zone.commune_id not in named:
            yield "zone_ids", f"« {zone.label} » est dans une autre commune : cochez-la aussi, ou décochez ce quartier."


def _calendar(project: Project) -> Faults:
    if project.starts_on is None:
        yield "starts_on", "Indiquez la date de début de l'action."
    elif project.starts_on.year > project.year:
        yield "starts_on", f"L'action doit commencer au plus tard en {project.year}."
    if project.ends_on is None:
        yield "ends_on", "Indiquez la date de fin de l'action."
    elif project.ends_on.year < project.year:
        yield "ends_on", f"L'action doit se dérouler, au moins en partie, en {project.year}."


def _means(project: Project) -> Faults:
    if not project.evaluation:
        yield "evaluation", "Écrivez comment vous évaluerez l'action."
    if not project.in_charge_name:
        yield "in_charge_name", "Indiquez qui est responsable de l'action."
    if not (project.in_charge_phone or project.in_charge_email):
        yield "in_charge_phone", "Indiquez un téléphone ou un courriel de cette personne."


def _questions(project: Project) -> Faults:
    for question in missing(project):
        yield field_name(question), f"Répondez à la question « {question.label} »."


def _budget(sums: BudgetTotals) -> Faults:
    if not sums.cost:
        yield "expenses", "Indiquez les dépenses de l'action."
    if sums.in_kind_expenses != sums.in_kind_income:
        yield (
            "in_kind",
            f"Les contributions volontaires doivent être égales : {euros(sums.in_kind_expenses)}"
            f" en emplois (86), {euros(sums.in_kind_income)} en ressources (87).",
        )


def _requests(project: Project, sums: BudgetTotals) -> Faults:
    if project.campaign.contract.named_communes:
        for funder in asked_elsewhere(project):
            yield (
                f"funder_{funder.id}",
                f"{elsewhere(funder)} : videz cette demande, ou ajoutez cette commune à « Public et territoire ».",
            )
    if not sums.requested:
        yield "balance", "Demandez un montant à au moins un financeur."
    if not sums.cost:
        return  # what the budget lacks is told at its own page
    if sums.requested > sums.cost:
        yield (
            "balance",
            f"Vous demandez {euros(sums.requested)}, plus que le coût total de l'action"
            f" ({euros(sums.cost)}) : diminuez vos demandes.",
        )
    elif sums.gap:
        few = sums.gap > 0
        yield (
            "balance",
            f"Le budget n'est pas équilibré : {euros(sums.cost)} de dépenses,"
            f" {euros(sums.income)} de recettes ; {euros(abs(sums.gap))}"
            f" {'manquent' if few else 'de trop'} en recettes."
            " Corrigez vos demandes ou votre budget.",
        )


def _pieces(project: Project) -> Faults:
    for slot in pieces.missing(pieces.slots_of(project)):
        yield slot.name, slot.what_to_do


def _statements(project: Project) -> Faults:
    if project.sworn_at is None:
        yield "sworn", "Un signataire doit faire l'attestation sur l'honneur."
    if project.commitment_at is None and needs_commitment(project.organisation):
        yield "commitment", "Un signataire doit souscrire le contrat d'engagement républicain."
