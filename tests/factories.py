"""Small valid things to test with. Each flushes; `world()` is a contract ready to work in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from grants.database import db
from grants.domain.envelope import set_envelope
from grants.domain.organisation.budget import has_budget
from grants.models import (
    BudgetLine,
    Campaign,
    CampaignFunder,
    CampaignPiece,
    Contract,
    Document,
    DocumentKind,
    Funder,
    FundingLine,
    Institution,
    Kind,
    MemberRole,
    Membership,
    Nature,
    Organisation,
    OrganisationBudgetLine,
    Project,
    Role,
    RoleGrant,
    Side,
    State,
    Theme,
    User,
    Zone,
    now,
)

_numbers = count(1)


def _add(thing):
    db.session.add(thing)
    db.session.flush()
    return thing


def user(name: str = "Camille") -> User:
    return _add(User(email=f"{name.lower()}{next(_numbers)}@example.org", name=name))


def grant_role(to: User, role: Role, contract=None, institution=None) -> User:
    _add(
        RoleGrant(
            user_id=to.id,
            role=role,
            contract_id=contract.id if contract else None,
            institution_id=institution.id if institution else None,
        )
    )
    db.session.expire(to, ["roles"])
    return to


def organisation(name: str = "", nature: Nature = Nature.ASSOCIATION) -> Organisation:
    name = name or f"Association {next(_numbers)}"
    return _add(Organisation(name=name, name_key=name.casefold(), nature=nature))


def member(of: Organisation, role: MemberRole = MemberRole.SIGNATORY) -> User:
    person = user("Membre")
    _add(Membership(user_id=person.id, organisation_id=of.id, role=role, approved_at=now()))
    db.session.expire(person, ["memberships"])
    return person


def contract(slug: str = "") -> Contract:
    slug = slug or f"ville-{next(_numbers)}"
    made = _add(
        Contract(
            slug=slug, label=f"Contrat de ville {slug}", start_year=2015, end_year=2030,
            level_names=["Pilier", "Axe", "Orientation", "Objectif"],
        )
    )  # fmt: skip
    _add(Zone(contract_id=made.id, label="Caravelle", position=1))
    pillar = theme(made, "Cohésion sociale", position=1)
    axis = theme(made, "Éducation", parent=pillar, position=2)
    theme(made, "Combattre les inégalités", parent=axis, number=1, position=3)
    employment = theme(made, "Emploi", position=4)
    theme(made, "Lever les freins", parent=employment, number=1, depth=2, position=5)
    return made


def theme(of: Contract, label: str, *, parent=None, number=None, depth=None, position=1) -> Theme:
    if depth is None:
        depth = parent.depth + 1 if parent else 0
    return _add(
        Theme(
            contract_id=of.id, parent_id=parent.id if parent else None, depth=depth,
            number=number, label=label, position=position,
        )
    )  # fmt: skip


def institution(of: Contract, label: str, *codes: str, delegates: bool = False) -> Institution:
    made = _add(
        Institution(contract_id=of.id, label=label, delegates=delegates, position=next(_numbers))
    )
    for code in codes:
        _add(
            Funder(
                contract_id=of.id, institution_id=made.id, code=code, label=f"{label} – {code}",
                position=next(_numbers),
            )
        )  # fmt: skip
    db.session.expire(made, ["funders"])
    return made


def campaign(
    of: Contract, funders: list[Funder], *, year: int = 2026, kind: str = "Contrat de ville",
    open_now: bool = True,
) -> Campaign:  # fmt: skip
    at = now()
    made = _add(
        Campaign(
            contract_id=of.id, year=year, kind=kind, label=f"{kind} {next(_numbers)}",
            opens_at=at - timedelta(days=10),
            closes_at=at + timedelta(days=20 if open_now else -1),
        )
    )  # fmt: skip
    for position, funder in enumerate(funders):
        _add(CampaignFunder(campaign_id=made.id, funder_id=funder.id, position=position))
    return made


def project(
    in_campaign: Campaign, by: User, *, bearer: Organisation | None = None,
    state: State = State.ADMISSIBLE, total_cost: int = 10_000, theme_id: int | None = None,
    requested: dict[Funder, int] | None = None, title: str = "",
) -> Project:  # fmt: skip
    number = next(_numbers)
    themes = [t for t in in_campaign.contract.themes if t.number]
    made = _add(
        Project(
            campaign_id=in_campaign.id, contract_id=in_campaign.contract_id,
            year=in_campaign.year, organisation=bearer or organisation(),
            reference=None if state is State.DRAFT else f"{in_campaign.year}-{number:04}",
            state=state, title=title or f"Action {number}", kind=Kind.NEW,
            state_reason="Motif" if state in (State.INADMISSIBLE, State.INCOMPLETE) else "",
            pieces_due_on=date(2026, 12, 1) if state is State.INCOMPLETE else None,
            theme_id=theme_id or themes[0].id, total_cost=Decimal(total_cost),
            created_by_id=by.id,
            submitted_at=None if state is State.DRAFT else now(),
        )
    )  # fmt: skip
    for funder, amount in (requested or {}).items():
        _add(
            FundingLine(
                project=made, campaign_id=in_campaign.id, funder=funder,
                requested=Decimal(amount),
            )
        )  # fmt: skip
    return made


@dataclass
class World:
    """One contract, two institutions and one that delegates, an open call with envelopes."""

    contract: Contract
    state: Institution
    city: Institution
    region: Institution
    campaign: Campaign
    administrator: User
    coordinator: User
    state_instructor: User
    city_instructor: User
    committee: User
    bearer: Organisation
    applicant: User
    projects: list[Project] = field(default_factory=list)

    @property
    def cget(self) -> Funder:
        return self.state.funders[0]

    @property
    def ville(self) -> Funder:
        return self.city.funders[0]

    @property
    def reg(self) -> Funder:
        return self.region.funders[0]

    def project(self, requested: dict[Funder, int] | None = None, **more) -> Project:
        requested = {self.cget: 5000, self.ville: 3000} if requested is None else requested
        more.setdefault("bearer", self.bearer)
        made = project(self.campaign, self.applicant, requested=requested, **more)
        self.projects.append(made)
        return made


def world(slug: str = "", *, envelope: int = 20_000) -> World:
    of = contract(slug)
    state = institution(of, "État", "CGET")
    city = institution(of, "Ville", "VILLE")
    region = institution(of, "Région", "REGION", delegates=True)
    funders = [state.funders[0], city.funders[0], region.funders[0]]
    call = campaign(of, funders)
    admin = grant_role(user("Admin"), Role.ADMINISTRATOR)
    for funder in funders:
        set_envelope(funder, [call], Decimal(envelope), by=admin)
    bearer = organisation()
    return World(
        contract=of, state=state, city=city, region=region, campaign=call,
        administrator=admin,
        coordinator=grant_role(user("Coordinatrice"), Role.COORDINATOR, of),
        state_instructor=grant_role(user("Délégué"), Role.INSTRUCTOR, of, state),
        city_instructor=grant_role(user("Ville"), Role.INSTRUCTOR, of, city),
        committee=grant_role(user("Comité"), Role.COMMITTEE, of),
        bearer=bearer, applicant=member(bearer),
    )  # fmt: skip


def complete_record(of: Organisation, year: int) -> Organisation:
    """Everything that an organisation's record is asked, whatever its nature."""
    of.rna = of.rna or "W921000001"
    of.siret = of.siret or (None if of.nature is Nature.ASSOCIATION else "78467169500087")
    of.address = of.address or "1 rue Haute\n92390 Villeneuve-la-Garenne"
    of.representative_name = of.representative_name or "Dominique Martin"
    of.representative_role = "Présidente"
    of.representative_email = "presidente@example.org"
    of.public_utility = of.commercial_taxes = of.large_public_aid = False
    of.members_count, of.volunteers, of.employees = 40, 12, 2
    of.iban, of.account_holder = "FR1420041010050500013M02606", of.name[:250]
    db.session.flush()
    if not has_budget(of, (year,)):
        for account in ("641", "756"):
            _add(
                OrganisationBudgetLine(
                    organisation_id=of.id, year=year, account=account, amount=Decimal(50_000)
                )
            )
    return of


def complete_draft(
    w: World, *, bearer: Organisation | None = None, by: User | None = None,
    requested: dict[Funder, int] | None = None, title: str = "", cost: int = 10_000,
) -> Project:  # fmt: skip
    """A draft in the world's call that passes every check: `dossier.submit` takes it.

    `by` writes it and swears; a signatory of `bearer` (the world's own by default)."""
    bearer, by = bearer or w.bearer, by or w.applicant
    complete_record(bearer, w.campaign.year)
    asked = {w.cget: 3000, w.ville: 2000} if requested is None else requested
    own = cost - sum(asked.values())
    draft = project(
        w.campaign, by, bearer=bearer, state=State.DRAFT, total_cost=cost, requested=asked,
        title=title,
    )  # fmt: skip
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
    return _add(draft)


def piece(
    of: Campaign, label: str = "Devis", *, kind: DocumentKind | None = None,
    required: bool = True,
) -> CampaignPiece:  # fmt: skip
    return _add(
        CampaignPiece(
            campaign_id=of.id, label=label, kind=kind, required=required, position=next(_numbers)
        )
    )


def document(
    of: Project | Organisation, by: User, *, kind: DocumentKind = DocumentKind.STATUTES,
    piece: CampaignPiece | None = None, valid_until: date | None = None,
) -> Document:  # fmt: skip
    """A row without a file in the storage."""
    number = next(_numbers)
    project = isinstance(of, Project)
    return _add(
        Document(
            organisation_id=None if project else of.id, project_id=of.id if project else None,
            kind=None if project else kind, piece_id=piece.id if piece else None,
            filename=f"document-{number}.pdf", media_type="application/pdf", size=10,
            sha256="0" * 64, storage_key=f"key-{number}", valid_until=valid_until,
            uploaded_by_id=by.id,
        )
    )  # fmt: skip
