"""Organisations and memberships, as lists."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from grants.database import all_as, db, select_as
from grants.domain.organisation.identity import commune, known_towns, resembling
from grants.models import Invitation, MemberRole, Membership, Nature, Organisation, User, now
from grants.names import compact, essence
from grants.queries.search import has_words

AT_MOST = 20


@dataclass(frozen=True)
class FoundOrganisation:
    """All that somebody who is no member may see."""

    id: int
    name: str
    nature: Nature
    commune: str


@dataclass(frozen=True)
class MyOrganisation:
    id: int
    name: str
    nature: Nature
    membership_id: int
    role: MemberRole
    approved_at: datetime | None


@dataclass(frozen=True)
class Member:
    membership_id: int
    user_id: int
    name: str
    email: str
    role: MemberRole
    requested_at: datetime
    approved_at: datetime | None
    confirmed: bool


@dataclass(frozen=True)
class Invited:
    invitation_id: int
    email: str
    role: MemberRole
    expires_at: datetime


@dataclass(frozen=True)
class PendingMembership:
    """`has_members`: somebody else than the administrator can answer."""

    membership_id: int
    user_name: str
    user_email: str
    organisation_id: int
    organisation_name: str
    requested_at: datetime
    has_members: bool


def search(typed: str) -> list[FoundOrganisation]:
    """By SIRET (or SIREN), else by all the words of the name whatever their accents; 20 at most."""
    number = compact(typed)
    matching: list[ColumnElement[bool]]
    if number.isascii() and number.isdigit() and len(number) in (9, 14):
        matching = [Organisation.siret.startswith(number)]
    else:
        matching = has_words(typed, Organisation.name_key) or [false()]
    return _matching(*matching)


def same(name: str, siret: str, address: str = "") -> list[FoundOrganisation]:
    """Those of this name or one that resembles it, or of this number."""
    ids = resembling(name, address)[:AT_MOST]
    return _matching(or_(Organisation.id.in_(ids), Organisation.siret == compact(siret)))


def alike() -> list[FoundOrganisation]:
    """Those whose name resembles another's, for the administrator; 20 at most."""
    by_name, with_town = defaultdict[str, list[int]](list), list[tuple[str, int]]()
    towns = known_towns()
    for id_, key in db.session.execute(select(Organisation.id, Organisation.name_key)):
        whole, bare = essence(key), essence(key, towns)
        by_name[whole].append(id_)
        with_town += [(bare, id_)] if bare != whole else []
    for bare, id_ in with_town:
        if bare in by_name:
            by_name[bare].append(id_)
    ids = [id_ for _, each in sorted(by_name.items()) if len(each) > 1 for id_ in each]
    return _matching(Organisation.id.in_(ids[:AT_MOST]))


def _matching(*matching: ColumnElement[bool]) -> list[FoundOrganisation]:
    rows = db.session.execute(
        select(Organisation.id, Organisation.name, Organisation.nature, Organisation.address)
        .where(*matching)
        .order_by(Organisation.name_key, Organisation.id)
        .limit(AT_MOST)
    )
    return [FoundOrganisation(r.id, r.name, r.nature, commune(r.address)) for r in rows]


def acting_for(user_id: int) -> Select[int]:
    """The organisations that a person acts for: approved there, under a confirmed address."""
    return (
        select(Membership.organisation_id)
        .join(User, User.id == Membership.user_id)
        .where(User.id == user_id, User.email_confirmed_at.is_not(None), Membership.approved_at.is_not(None))
    )


def of_user(user_id: int) -> list[MyOrganisation]:
    """Approved first, then those that have not answered yet."""
    return all_as(
        MyOrganisation,
        select_as(MyOrganisation, Organisation, Membership, membership_id=Membership.id)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.user_id == user_id)
        .order_by(Membership.approved_at.is_(None), Organisation.name_key, Organisation.id),
    )


def members(organisation_id: int) -> list[Member]:
    """Who asks first (they wait), then the members by name."""
    confirmed = User.email_confirmed_at.is_not(None)
    return all_as(
        Member,
        select_as(Member, Membership, User, membership_id=Membership.id, confirmed=confirmed)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organisation_id == organisation_id)
        .order_by(Membership.approved_at.is_not(None), User.name, User.id),
    )


def invitations(organisation_id: int) -> list[Invited]:
    """Those that can still be accepted, the oldest first."""
    return all_as(
        Invited,
        select_as(Invited, Invitation, invitation_id=Invitation.id)
        .where(
            Invitation.organisation_id == organisation_id,
            Invitation.accepted_at.is_(None),
            Invitation.expires_at > now(),
        )
        .order_by(Invitation.id),
    )


def asked_of(user_id: int) -> list[tuple[int, str, int]]:
    """Organisations that this user signs for and somebody asks to join: id, name, how many."""
    signed_for = acting_for(user_id).where(Membership.role == MemberRole.SIGNATORY)
    rows = db.session.execute(
        select(Organisation.id, Organisation.name, func.count(Membership.id))
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Organisation.id.in_(signed_for), Membership.approved_at.is_(None))
        .group_by(Organisation.id)
        .order_by(Organisation.name)
    )
    return [(id_, name, number) for id_, name, number in rows]


def pending_memberships() -> list[PendingMembership]:
    """Everywhere, for the administrator: the longest waiting first."""
    other = aliased(Membership)
    answered_by = exists().where(other.organisation_id == Membership.organisation_id, other.approved_at.is_not(None))
    person = {"membership_id": Membership.id, "user_name": User.name, "user_email": User.email}
    return all_as(
        PendingMembership,
        select_as(PendingMembership, Membership, **person, organisation_name=Organisation.name, has_members=answered_by)
        .join(User, User.id == Membership.user_id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.approved_at.is_(None))
        .order_by(Membership.requested_at, Membership.id),
    )
