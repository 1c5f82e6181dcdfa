"""Organisations and memberships, as lists."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, false, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from grants.database import all_as, all_of, db, select_as
from grants.domain.organisation.identity import commune, known_towns, resembling
from grants.domain.organisation.merging import standing, stands
from grants.models import Invitation, MemberRole, Membership, Merge, Nature, Organisation, User, now
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


@dataclass(frozen=True)
class Duplicate:
    """Two that are likely the same, and why."""

    one: FoundOrganisation
    other: FoundOrganisation
    why: str


def alike() -> list[Duplicate]:
    """By name, acronym or SIREN (which a commune's services share), for the administrator; 20 at most. Those that
    were merged are one."""
    groups, with_town = defaultdict[tuple[str, str], list[int]](list), list[tuple[str, int]]()
    towns = known_towns()
    columns = (Organisation.id, Organisation.name_key, Organisation.acronym, Organisation.siret, Organisation.nature)
    for id_, key, acronym, siret, nature in db.session.execute(
        select(*columns).where(stands(Organisation.id)).order_by(Organisation.id)
    ):
        whole, bare = essence(key), essence(key, towns)
        groups["même nom, ou presque", whole].append(id_)
        with_town += [(bare, id_)] if bare != whole else []
        for short in {essence(acronym), whole} - {""}:
            groups["nom ou sigle de l'autre", short].append(id_)
        if siret and nature is not Nature.MUNICIPAL_SERVICE:
            groups["même SIREN", siret[:9]].append(id_)
    for bare, id_ in with_town:
        if ("même nom, ou presque", bare) in groups:
            groups["même nom, ou presque", bare].append(id_)
    pairs: dict[tuple[int, int], str] = {}
    for (why, _), (first, *others) in sorted(groups.items()):
        for other in others:
            pairs.setdefault((min(first, other), max(first, other)), why)
    shown = list(pairs.items())[:AT_MOST]
    ids = {id_ for pair, _ in shown for id_ in pair}
    named = {each.id: each for each in _matching(Organisation.id.in_(ids), most=len(ids))}
    return [Duplicate(named[one], named[other], why) for (one, other), why in shown]


def merges() -> list[Merge]:
    """The latest first, with the two of each."""
    both = (joinedload(Merge.kept), joinedload(Merge.gone))
    return all_of(select(Merge).order_by(Merge.at.desc(), Merge.id.desc()).options(*both))


def _matching(*matching: ColumnElement[bool], most: int = AT_MOST) -> list[FoundOrganisation]:
    """Of those that were merged the one that was kept."""
    rows = db.session.execute(
        select(Organisation.id, Organisation.name, Organisation.nature, Organisation.address)
        .where(Organisation.id.in_(standing(*matching)))
        .order_by(Organisation.name_key, Organisation.id)
        .limit(most)
    )
    return [FoundOrganisation(r.id, r.name, r.nature, commune(r.address)) for r in rows]


def acting_for(user_id: int) -> Select[int]:
    """The organisations that a person acts for: approved there, under a confirmed address; none that was merged."""
    return (
        select(Membership.organisation_id)
        .join(User, User.id == Membership.user_id)
        .where(stands(Membership.organisation_id))
        .where(User.id == user_id, User.email_confirmed_at.is_not(None), Membership.approved_at.is_not(None))
    )


def of_user(user_id: int) -> list[MyOrganisation]:
    """Approved first, then those that have not answered yet."""
    return all_as(
        MyOrganisation,
        select_as(MyOrganisation, Organisation, Membership, membership_id=Membership.id)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.user_id == user_id, stands(Organisation.id))
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
        .where(Membership.approved_at.is_(None), stands(Organisation.id))
        .order_by(Membership.requested_at, Membership.id),
    )
