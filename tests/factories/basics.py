"""People, organisations, contracts, calls and projects, one at a time."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from grants.database import db
from grants.models import (
    Campaign,
    CampaignFunder,
    Commune,
    Contract,
    Funder,
    FundingLine,
    Institution,
    Kind,
    MemberRole,
    Membership,
    Nature,
    Organisation,
    Project,
    Role,
    RoleGrant,
    State,
    Theme,
    User,
    Zone,
    now,
)

numbers = count(1)


def add(thing, *more):
    """One flush for them all: each costs as much as a few rows."""
    db.session.add_all([thing, *more])
    db.session.flush()
    return thing


def user(name: str = "Camille") -> User:
    return add(new_user(name))


def new_user(name: str) -> User:
    email = f"{name.lower()}{next(numbers)}@example.org"
    return User(email=email, name=name, email_confirmed_at=now())


def grant_role(to: User, role: Role, contract=None, institution=None, commune=None) -> User:
    add(new_role(to, role, contract, institution, commune))
    db.session.expire(to, ["roles"])
    return to


def new_role(to: User, role: Role, contract=None, institution=None, commune=None) -> RoleGrant:
    return RoleGrant(
        user_id=to.id,
        role=role,
        contract_id=contract.id if contract else None,
        institution_id=institution.id if institution else None,
        commune_id=commune.id if commune else None,
    )


def organisation(name: str = "", nature: Nature = Nature.ASSOCIATION) -> Organisation:
    return add(new_organisation(name, nature))


def new_organisation(name: str = "", nature: Nature = Nature.ASSOCIATION) -> Organisation:
    name = name or f"Association {next(numbers)}"
    return Organisation(name=name, nature=nature)


def member(of: Organisation, role: MemberRole = MemberRole.SIGNATORY) -> User:
    person = user("Membre")
    add(new_membership(person, of, role))
    db.session.expire(person, ["memberships"])
    return person


def new_membership(person: User, of: Organisation, role: MemberRole = MemberRole.SIGNATORY) -> Membership:
    return Membership(user_id=person.id, organisation_id=of.id, role=role, approved_at=now())


def contract(slug: str = "") -> Contract:
    slug = slug or f"ville-{next(numbers)}"
    made = add(
        Contract(
            slug=slug,
            label=f"Contrat de ville {slug}",
            start_year=2015,
            end_year=2030,
            level_names=["Pilier", "Axe", "Orientation", "Objectif"],
        )
    )
    pillar = new_theme(made, "Cohésion sociale", position=1)
    employment = new_theme(made, "Emploi", position=4)
    add(pillar, employment, Zone(contract_id=made.id, label="Caravelle", position=1))
    axis = new_theme(made, "Éducation", parent=pillar, position=2)
    add(axis, new_theme(made, "Lever les freins", parent=employment, number=1, depth=2, position=5))
    add(new_theme(made, "Combattre les inégalités", parent=axis, number=1, position=3))
    return made


def two_communes(of: Contract) -> list[Commune]:
    """Metz, with the zone that there is, and Woippy, with one of its own."""
    made = [
        Commune(contract_id=of.id, insee=insee, label=label, position=position)
        for position, (insee, label) in enumerate((("57463", "Metz"), ("57751", "Woippy")), 1)
    ]
    add(*made)
    of.zones[0].commune_id = made[0].id
    add(Zone(contract_id=of.id, label="Saint-Éloy", commune_id=made[1].id, position=2))
    db.session.expire(of)
    return made


def theme(of: Contract, label: str, **more) -> Theme:
    return add(new_theme(of, label, **more))


def new_theme(of: Contract, label: str, *, parent=None, number=None, depth=None, position=1) -> Theme:
    if depth is None:
        depth = parent.depth + 1 if parent else 0
    return Theme(
        contract_id=of.id,
        parent_id=parent.id if parent else None,
        depth=depth,
        number=number,
        label=label,
        position=position,
    )


def institution(of: Contract, label: str, *codes: str, delegates: bool = False) -> Institution:
    made = add(new_institution(of, label, delegates=delegates))
    if codes:
        add(*(new_funder(made, code) for code in codes))
    db.session.expire(made, ["funders"])
    return made


def new_institution(of: Contract, label: str, *, delegates: bool = False) -> Institution:
    return Institution(contract_id=of.id, label=label, delegates=delegates, position=next(numbers))


def new_funder(of: Institution, code: str) -> Funder:
    return Funder(
        contract_id=of.contract_id,
        institution_id=of.id,
        code=code,
        label=f"{of.label} – {code}",
        position=next(numbers),
    )


def campaign(
    of: Contract, funders: list[Funder], *, year: int = 2026, kind: str = "Contrat de ville", open_now: bool = True
) -> Campaign:
    made = add(new_campaign(of, year, kind, open_now=open_now))
    if funders:
        add(
            *(
                CampaignFunder(campaign_id=made.id, funder_id=funder.id, position=position)
                for position, funder in enumerate(funders)
            )
        )
    return made


def new_campaign(of: Contract, year: int = 2026, kind: str = "Contrat de ville", *, open_now: bool = True) -> Campaign:
    at = now()
    return Campaign(
        contract_id=of.id,
        year=year,
        kind=kind,
        label=f"{kind} {next(numbers)}",
        opens_at=at - timedelta(days=10),
        opened_at=at - timedelta(days=10),
        closes_at=at + timedelta(days=20 if open_now else -1),
    )


def project(
    in_campaign: Campaign,
    by: User,
    *,
    bearer: Organisation | None = None,
    state: State = State.ADMISSIBLE,
    total_cost: int = 10_000,
    theme_id: int | None = None,
    requested: dict[Funder, int] | None = None,
    title: str = "",
) -> Project:
    number = next(numbers)
    themes = [t for t in in_campaign.contract.themes if t.number]
    made = Project(
        campaign_id=in_campaign.id,
        contract_id=in_campaign.contract_id,
        year=in_campaign.year,
        organisation=bearer or organisation(),
        reference=None if state is State.DRAFT else f"{in_campaign.year}-{number:04}",
        state=state,
        title=title or f"Action {number}",
        kind=Kind.NEW,
        state_reason="Motif" if state in (State.INADMISSIBLE, State.INCOMPLETE) else "",
        pieces_due_on=date(2026, 12, 1) if state is State.INCOMPLETE else None,
        theme_id=theme_id or themes[0].id,
        total_cost=Decimal(total_cost),
        created_by_id=by.id,
        submitted_at=None if state is State.DRAFT else now(),
    )
    lines = [
        FundingLine(project=made, campaign_id=in_campaign.id, funder=funder, requested=Decimal(amount))
        for funder, amount in (requested or {}).items()
    ]
    return add(made, *lines)
