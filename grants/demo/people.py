"""Who one can sign in as in the demonstration; one password for all."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select
from stdnum import luhn

from grants.database import db
from grants.demo.dossiers import DOSSIERS
from grants.domain.accounts import accounts
from grants.domain.accounts.passwords import hash_password
from grants.domain.accounts.roles import grant_first
from grants.domain.contract.contract import change_part
from grants.french import today
from grants.models import (
    Contract,
    Institution,
    MemberRole,
    Membership,
    Nature,
    Organisation,
    OrganisationBudgetLine,
    Role,
    User,
    now,
)

PASSWORD = "villeneuve en demonstration"  # noqa: S105 - printed: the demonstration's own

ACCOUNTS = {
    "admin@demo.example": ("Alix Administration", "administrateur"),
    "chefdeprojet@demo.example": ("Chloé Projet", "cheffe de projet du contrat de ville"),
    "ville@demo.example": ("Vincent Ville", "instructeur de la Ville"),
    "etat@demo.example": ("Estelle État", "instructrice de l'État (CGET, PRE, VVV)"),
    "departement@demo.example": (
        "Didier Département",
        "instructeur du Département (montants saisis pour lui, à confirmer)",
    ),
    "comite@demo.example": ("Camille Comité", "membre du comité technique"),
    "adabe@demo.example": ("Awa Diallo", "porteur : présidente d'ADABE"),
    "mjc@demo.example": ("Marc Jollivet", "porteur : trésorier de la MJC"),
}
INSTITUTIONS = {
    "ville@demo.example": "Ville",
    "etat@demo.example": "État",
    "departement@demo.example": "Département 92",
}
# The coordinator types for it as well, from its mails; its instructor confirms.
DELEGATES = "Département 92"
SIGNATORIES = {"ADABE": "adabe@demo.example", "MJC": "mjc@demo.example"}


@dataclass
class DemoStaff:
    """The people that the fictitious dossiers pass through."""

    coordinator: User
    # By institution.
    instructors: dict[int, User]
    # By name of the bearer.
    bearers: dict[str, Organisation] = field(default_factory=dict)
    signatories: dict[str, User] = field(default_factory=dict)


def accounts_to_print() -> list[str]:
    width = max(map(len, ACCOUNTS))
    return [
        "Démonstration prête. Comptes (mot de passe de tous : « " + PASSWORD + " ») :",
        *(f"  {email:<{width}}  {what}" for email, (_, what) in ACCOUNTS.items()),
    ]


def create(contract: Contract, *, by: User) -> DemoStaff:
    password = hash_password(PASSWORD)
    users = {email: accounts.create(name, email, password, by=by) for email, (name, _) in ACCOUNTS.items()}
    for user in users.values():
        user.email_confirmed_at = now()
    admin = users["admin@demo.example"]
    grant_first(admin)
    accounts.grant(users["chefdeprojet@demo.example"], Role.COORDINATOR, contract, by=admin)
    accounts.grant(users["comite@demo.example"], Role.COMMITTEE, contract, by=admin)
    staff = DemoStaff(coordinator=users["chefdeprojet@demo.example"], instructors={})
    for email, label in INSTITUTIONS.items():
        institution = db.session.scalars(
            select(Institution).where(Institution.contract_id == contract.id, Institution.label == label)
        ).one()
        accounts.grant(users[email], Role.INSTRUCTOR, contract, institution, by=admin)
        staff.instructors[institution.id] = users[email]
        if label == DELEGATES:
            change_part(institution, label=label, outside=False, delegates=True, by=admin)
    _sign_for_bearers(contract, staff, users)
    return staff


def _sign_for_bearers(contract: Contract, staff: DemoStaff, users: dict[str, User]) -> None:
    """Two bearers have an account to sign in with; nobody can sign in for the others."""
    nobody = User(email="porteurs@grants.invalid", name="Porteur fictif", active=False, email_confirmed_at=now())
    db.session.add(nobody)
    db.session.flush()
    for name in {dossier.bearer for dossier in DOSSIERS}:
        bearer = db.session.scalars(
            select(Organisation).where(Organisation.home_contract_id == contract.id, Organisation.name == name)
        ).one()
        signatory = users[SIGNATORIES[name]] if name in SIGNATORIES else nobody
        db.session.add(
            Membership(
                user_id=signatory.id,
                organisation_id=bearer.id,
                role=MemberRole.SIGNATORY,
                approved_at=now(),
                approved_by_id=users["admin@demo.example"].id,
            )
        )
        _complete(bearer, signatory, today().year)
        staff.bearers[name], staff.signatories[name] = bearer, signatory
    db.session.flush()
    db.session.expire_all()


def _complete(bearer: Organisation, signatory: User, year: int) -> None:
    """What a dossier asks of its organisation (fictitious, the report does not publish it)."""
    if bearer.nature is Nature.ASSOCIATION:
        bearer.rna = f"W922{bearer.id:06}"
    bearer.siret = bearer.siret or _fictitious_siret(bearer.id)
    bearer.address = "1 place de la Démonstration\n92390 Villeneuve-la-Garenne"
    bearer.representative_name = signatory.name
    bearer.representative_role = "Présidence"
    bearer.email = bearer.representative_email = f"contact-{bearer.id}@demo.example"
    bearer.representative_phone = "01 00 00 00 00"
    bearer.public_utility = bearer.commercial_taxes = bearer.large_public_aid = False
    bearer.members_count, bearer.volunteers, bearer.employees = 60, 15, 2
    bearer.employees_fte = Decimal("1.5")
    # The example that banks print on their own leaflets.
    bearer.iban, bearer.bic = "FR1420041010050500013M02606", "PSSTFRPP"
    bearer.account_holder, bearer.confirmed_at = bearer.name, now()
    for account, euros in (("641", 62_000), ("606", 9_000), ("74VILLE", 40_000), ("756", 31_000)):
        db.session.add(
            OrganisationBudgetLine(organisation_id=bearer.id, year=year, account=account, amount=Decimal(euros))
        )


def _fictitious_siret(number: int) -> str:
    """Of the right form; no company has a number in 99."""
    first = f"99{number:06}"
    siren = first + luhn.calc_check_digit(first)
    return siren + "0001" + luhn.calc_check_digit(siren + "0001")
