"""What a complete dossier is made of, and its documents."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from stdnum import luhn

from grants.database import db
from grants.domain.organisation.budget import has_budget
from grants.models import (
    BudgetLine,
    Campaign,
    CampaignPiece,
    Document,
    DocumentKind,
    Funder,
    Organisation,
    OrganisationBudgetLine,
    Project,
    Side,
    State,
    User,
    now,
)
from tests.factories.basics import add, numbers, project
from tests.factories.world import World


def complete_record(of: Organisation, year: int) -> Organisation:
    """Everything that an organisation's record is asked, whatever its nature."""
    of.rna = of.rna or "W921000001"
    if not of.siret:
        siren = f"98{of.id:06}"
        siren += luhn.calc_check_digit(siren)
        of.siret = f"{siren}0001" + luhn.calc_check_digit(f"{siren}0001")
    of.address = of.address or "1 rue Haute\n92390 Villeneuve-la-Garenne"
    of.representative_name = of.representative_name or "Dominique Martin"
    of.representative_role = "Présidente"
    of.representative_email = "presidente@example.org"
    of.public_utility = of.commercial_taxes = of.large_public_aid = False
    of.members_count, of.volunteers, of.employees = 40, 12, 2
    of.iban, of.account_holder = "FR1420041010050500013M02606", of.name[:250]
    db.session.flush()
    if not has_budget(of, (year,)):
        add(
            *(
                OrganisationBudgetLine(organisation_id=of.id, year=year, account=account, amount=Decimal(50_000))
                for account in ("641", "756")
            )
        )
    return of


def complete_draft(
    w: World,
    *,
    bearer: Organisation | None = None,
    by: User | None = None,
    requested: dict[Funder, int] | None = None,
    title: str = "",
    cost: int = 10_000,
) -> Project:
    """A draft in the world's call that passes every check: `dossier.submit` takes it.

    `by` writes it and swears; a signatory of `bearer` (the world's own by default)."""
    bearer, by = bearer or w.bearer, by or w.applicant
    complete_record(bearer, w.campaign.year)
    asked = {w.cget: 3000, w.ville: 2000} if requested is None else requested
    own = cost - sum(asked.values())
    draft = project(w.campaign, by, bearer=bearer, state=State.DRAFT, total_cost=cost, requested=asked, title=title)
    draft.applicant_theme_id, draft.theme_id = draft.theme_id, None
    draft.objectives = draft.description = "Aider les enfants à lire."
    draft.audience, draft.beneficiaries, draft.beneficiaries_qpv = "Enfants", 30, 20
    draft.zones = [w.contract.zones[0]]
    draft.evaluation, draft.in_charge_name = "Nombre de livres lus.", "Dominique Martin"
    draft.in_charge_phone = "01 23 45 67 89"
    draft.starts_on, draft.ends_on = date(draft.year, 1, 15), date(draft.year, 6, 30)
    draft.organisation_confirmed_at = draft.commitment_at = draft.sworn_at = now()
    draft.sworn_by_id = by.id
    draft.budget = [
        BudgetLine(side=Side.EXPENSE, account="641", amount=Decimal(cost), position=0),
        BudgetLine(side=Side.EXPENSE, account="864", amount=Decimal(500), position=1),
        BudgetLine(side=Side.INCOME, account="756", amount=Decimal(own), position=2),
        BudgetLine(side=Side.INCOME, account="870", amount=Decimal(500), position=3),
    ]
    return add(draft)


def piece(
    of: Campaign, label: str = "Devis", *, kind: DocumentKind | None = None, required: bool = True
) -> CampaignPiece:
    return add(CampaignPiece(campaign_id=of.id, label=label, kind=kind, required=required, position=next(numbers)))


def document(
    of: Project | Organisation,
    by: User,
    *,
    kind: DocumentKind = DocumentKind.STATUTES,
    piece: CampaignPiece | None = None,
    valid_until: date | None = None,
) -> Document:
    """A row without a file in the storage."""
    number = next(numbers)
    project = isinstance(of, Project)
    return add(
        Document(
            organisation_id=None if project else of.id,
            project_id=of.id if project else None,
            kind=None if project else kind,
            piece_id=piece.id if piece else None,
            filename=f"document-{number}.pdf",
            media_type="application/pdf",
            size=10,
            sha256="0" * 64,
            storage_key=f"key-{number}",
            valid_until=valid_until,
            uploaded_by_id=by.id,
        )
    )
