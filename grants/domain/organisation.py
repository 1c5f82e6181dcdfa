"""Organisations (bearers) and their members: found one, ask to join one, answer who asks.

Whoever asks sees nothing of the organisation before a member (or the administrator) approves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from stdnum.exceptions import ValidationError
from stdnum.fr import siret as stdnum_siret

from grants.database import db
from grants.domain import history
from grants.domain.accounts import normalise_email
from grants.domain.importing.names import fold
from grants.domain.locking import fresh
from grants.errors import Conflict, DomainError, NotAllowed
from grants.models import MemberRole, Membership, Nature, Organisation, User, now
from grants.permissions import can, membership_in
from grants.words import word

RNA = re.compile(r"W[0-9A-Z]{9}")
IDENTITY_LOCK = 20_211_947  # any number: PostgreSQL's advisory lock on who has which SIRET

LABELS = {
    "name": "nom", "nature": "nature", "siret": "SIRET", "rna": "RNA", "address": "adresse",
    "representative_name": "représentant", "representative_role": "fonction du représentant",
    "email": "courriel", "phone": "téléphone",
}  # fmt: skip


@dataclass(frozen=True)
class Details:
    """What an organisation says of itself, as typed."""

    name: str
    nature: Nature
    siret: str = ""
    rna: str = ""
    address: str = ""
    representative_name: str = ""
    representative_role: str = ""
    email: str = ""
    phone: str = ""


def create(details: Details, *, by: User) -> Organisation:
    """Found an organisation; `by` is its first signatory. Raises `DomainError` at the field."""
    _lock_identities()
    values = _checked(details, None)
    if by_same_name := _mine_named(by, values["name_key"]):
        raise DomainError(f"Vous êtes déjà membre de « {by_same_name} ».", "name")
    made = Organisation(**values)
    db.session.add(made)
    db.session.flush()
    history.record(made, "create", by=by, field="name", new=made.name)
    membership = Membership(
        user_id=by.id, organisation_id=made.id, role=MemberRole.SIGNATORY,
        approved_at=now(), approved_by_id=by.id,
    )  # fmt: skip
    db.session.add(membership)
    db.session.flush()
    history.record(membership, "found", by=by, field="role", new=membership.role)
    db.session.expire(by, ["memberships"])
    return made


def edit(organisation: Organisation, details: Details, *, by: User, version: int) -> None:
    """Raises `Conflict`, which shows both values, when somebody saved since `version`."""
    if not can(by, "organisation.edit", organisation):
        raise NotAllowed("Seuls ses membres modifient une organisation.")
    _lock_identities()
    fresh(organisation)
    values = _checked(details, organisation.id)
    if organisation.version != version:
        raise Conflict(_both_values(organisation, values))
    _refuse_namesake(organisation, values["name_key"])
    organisation.name_key = values.pop("name_key")  # says nothing that the name does not
    for field, value in values.items():
        history.change(organisation, "edit", field, value, by=by)
    db.session.flush()


def ask_to_join(organisation: Organisation, *, by: User) -> Membership:
    """A pending place as editor; raises `DomainError` when there is one already."""
    membership = Membership(
        user_id=by.id, organisation_id=organisation.id, role=MemberRole.EDITOR
    )
    db.session.add(membership)
    try:
        db.session.flush()
    except IntegrityError:
        raise DomainError(
            "Vous êtes déjà membre de cette organisation, ou votre demande attend une réponse."
        ) from None
    history.record(membership, "ask", by=by, field="role", new=membership.role)
    db.session.expire(by, ["memberships"])
    return membership


def approve(membership: Membership, role: MemberRole, *, by: User) -> None:
    """Take in who asked. An editor takes in editors only: nobody gives more than they have."""
    _pending(membership, by)
    if role is MemberRole.SIGNATORY and not can(by, "membership.manage", membership):
        raise NotAllowed("Seul un signataire (ou l'administrateur) peut nommer un signataire.")
    history.change(membership, "approve", "role", role, by=by)
    history.change(membership, "approve", "approved_at", now(), by=by)
    membership.approved_by_id = by.id
    db.session.flush()


def decline(membership: Membership, *, by: User) -> None:
    _pending(membership, by)
    _delete(membership, "decline", by)


def change_role(membership: Membership, role: MemberRole, *, by: User) -> None:
    """Raises `DomainError` for the last signatory, and for who is no member yet."""
    if not can(by, "membership.manage", membership):
        raise NotAllowed("Seul un signataire (ou l'administrateur) change les rôles.")
    if membership.approved_at is None:
        raise DomainError("Cette personne n'est pas encore membre : répondez à sa demande.")
    if role is not MemberRole.SIGNATORY:
        _check_a_signatory_remains(membership)
    history.change(membership, "change_role", "role", role, by=by)
    db.session.flush()


def remove(membership: Membership, *, by: User) -> None:
    """Leave, or be put out by a signatory; raises `DomainError` for the last signatory.

    Who has only asked takes their request back; for the others it is a decline."""
    if not can(by, "membership.remove", membership):
        raise NotAllowed("Seul un signataire (ou l'administrateur) retire un autre membre.")
    if membership.approved_at is None and membership.user_id != by.id:
        decline(membership, by=by)
        return
    _check_a_signatory_remains(membership)
    _delete(membership, "remove", by)


def _pending(membership: Membership, by: User) -> None:
    if not can(by, "membership.approve", membership):
        raise NotAllowed("Seuls les membres de l'organisation répondent à cette demande.")
    fresh(membership)
    if membership.approved_at:
        raise DomainError("Cette personne est déjà membre.")


def _delete(membership: Membership, action: str, by: User) -> None:
    history.record(membership, action, by=by, field="role", old=membership.role)
    user = membership.user
    db.session.delete(membership)
    db.session.flush()
    db.session.expire(user, ["memberships"])


def _check_a_signatory_remains(without: Membership) -> None:
    """Locks the signatories, so that two cannot each count on the other."""
    signatories = db.session.scalars(
        select(Membership.id)
        .where(
            Membership.organisation_id == without.organisation_id,
            Membership.role == MemberRole.SIGNATORY,
            Membership.approved_at.is_not(None),
        )
        .order_by(Membership.id)
        .with_for_update()
    ).all()
    if signatories == [without.id]:
        raise DomainError(
            "C'est le dernier signataire : nommez-en d'abord un autre, pour que l'organisation"
            " puisse encore déposer ses dossiers."
        )


def _refuse_namesake(organisation: Organisation, name_key: object) -> None:
    """Imports tell the organisations of a contract apart by their names."""
    namesake = db.session.scalar(
        select(Organisation.name).where(
            Organisation.home_contract_id.is_not(None),
            Organisation.home_contract_id == organisation.home_contract_id,
            Organisation.name_key == name_key,
            Organisation.id != organisation.id,
        )
    )
    if namesake:
        raise DomainError(
            f"« {namesake} » existe déjà dans ce contrat de ville : distinguez les deux noms.",
            "name",
        )


def _checked(details: Details, own_id: int | None) -> dict[str, Any]:
    """The columns to store; raises `DomainError` at the first field that will not do."""
    name = " ".join(details.name.split())
    if not name:
        raise DomainError("Indiquez le nom de l'organisation.", "name")
    typed = {f.name: getattr(details, f.name).strip() for f in fields(details)}
    return typed | {
        "name": name,
        "name_key": fold(name)[:250],
        "nature": details.nature,
        "siret": _siret(typed["siret"], details.nature, own_id),
        "rna": rna_number(typed["rna"]),
        "email": normalise_email(typed["email"]) if typed["email"] else "",
    }


def siret_number(typed: str, nature: Nature | None) -> str | None:
    """Its 14 digits, or nothing for who can do without; raises `DomainError`."""
    if not typed.strip() and nature is Nature.MUNICIPAL_SERVICE:
        return None
    try:
        return str(stdnum_siret.validate(typed))
    except ValidationError:
        raise DomainError(
            "Écrivez les 14 chiffres du SIRET (il figure sur l'avis de situation de l'Insee)."
            " Un service municipal peut s'en passer.",
            "siret",
        ) from None


def _siret(typed: str, nature: Nature, own_id: int | None) -> str | None:
    number = siret_number(typed, nature)
    if number is None:
        return None
    taken = select(Organisation.name).where(Organisation.siret == number)
    if own_id is not None:
        taken = taken.where(Organisation.id != own_id)
    if nature is Nature.MUNICIPAL_SERVICE:  # a commune's services share its number
        taken = taken.where(Organisation.nature != Nature.MUNICIPAL_SERVICE)
    if holder := db.session.scalar(taken.limit(1)):
        raise DomainError(
            f"« {holder} » a déjà ce SIRET : demandez à la rejoindre au lieu de la créer.", "siret"
        )
    return number


def rna_number(typed: str) -> str | None:
    """A W and 9 signs, or nothing; raises `DomainError`."""
    number = typed.replace(" ", "").upper()
    if number and not RNA.fullmatch(number):
        raise DomainError("Le RNA est un W suivi de 9 chiffres, comme W922001234.", "rna")
    return number or None


def _mine_named(user: User, name_key: object) -> str | None:
    """A second press of the button must not found a second organisation."""
    return next(
        (
            m.organisation.name
            for m in user.memberships
            if m.organisation.name_key == name_key and membership_in(user, m.organisation_id)
        ),
        None,
    )


def _both_values(organisation: Organisation, mine: dict[str, Any]) -> str:
    def shown(value: object) -> str:
        return word(value) if isinstance(value, Nature) else str(value or "(vide)")

    pairs = [
        f"{LABELS[field]} : « {shown(getattr(organisation, field))} » est enregistré,"
        f" vous avez écrit « {shown(value)} »"
        for field, value in mine.items()
        if field in LABELS and getattr(organisation, field) != value
    ]
    return (
        "Un autre membre a modifié la fiche entre-temps. "
        + " ; ".join(pairs or ["Vous avez écrit la même chose"])
        + ". Enregistrez de nouveau pour garder ce que vous avez écrit."
    )


def _lock_identities() -> None:
    """Two people who found the same organisation at once: the second sees the first's."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(IDENTITY_LOCK)))
