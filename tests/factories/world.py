"""A contract with everybody in it, ready to work in."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from grants.database import db
from grants.models import (
    Campaign,
    CampaignFunder,
    Contract,
    Envelope,
    EnvelopeStatus,
    Funder,
    Institution,
    Organisation,
    Project,
    Role,
    User,
)
from tests.factories.basics import (
    add,
    contract,
    new_campaign,
    new_funder,
    new_institution,
    new_membership,
    new_organisation,
    new_role,
    new_user,
    project,
)
from tests.factories.rows import AllRows, is_empty


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
    """Most tests begin here: what was made of an empty database once is put into others whole."""
    if db.engine.dialect.name != "sqlite" or not is_empty():
        return _world(slug, envelope)
    if (slug, envelope) in _kept:
        things, rows = _kept[slug, envelope]
        rows.put_back()
        return World(**_read(things))
    world = _world(slug, envelope)
    things = {name: (type(each), each.id) for name, each in vars(world).items() if each != []}
    _kept[slug, envelope] = things, AllRows()
    return world


def _read(things: dict[str, tuple[type, int]]) -> dict[str, object]:
    """One statement for all of a kind."""
    read: dict[tuple[type, int], object] = {}
    for kind in {kind for kind, _ in things.values()}:
        ids = [number for other, number in things.values() if other is kind]
        read |= {(kind, row.id): row for row in db.session.scalars(db.select(kind).where(kind.id.in_(ids)))}
    return {name: read[thing] for name, thing in things.items()}


_kept: dict[tuple[str, int], tuple[dict[str, tuple[type, int]], AllRows]] = {}


def _world(slug: str, envelope: int) -> World:
    of = contract(slug)
    w = World(
        contract=of,
        state=new_institution(of, "État"),
        city=new_institution(of, "Ville"),
        region=new_institution(of, "Région", delegates=True),
        campaign=new_campaign(of),
        administrator=new_user("Admin"),
        coordinator=new_user("Coordinatrice"),
        state_instructor=new_user("Délégué"),
        city_instructor=new_user("Ville"),
        committee=new_user("Comité"),
        bearer=new_organisation(),
        applicant=new_user("Membre"),
    )
    add(*(made for made in vars(w).values() if made is not of and made != []))
    funders = [new_funder(w.state, "CGET"), new_funder(w.city, "VILLE"), new_funder(w.region, "REGION")]
    add(
        *funders,
        new_role(w.administrator, Role.ADMINISTRATOR),
        new_role(w.coordinator, Role.COORDINATOR, of),
        new_role(w.state_instructor, Role.INSTRUCTOR, of, w.state),
        new_role(w.city_instructor, Role.INSTRUCTOR, of, w.city),
        new_role(w.committee, Role.COMMITTEE, of),
        new_membership(w.applicant, w.bearer),
    )
    _take_part(w.campaign, funders, Decimal(envelope))
    return w


def _take_part(in_campaign: Campaign, funders: list[Funder], amount: Decimal) -> None:
    """Each with an envelope, as `set_envelope` leaves it, without history."""
    envelopes = [Envelope(funder_id=funder.id, amount=amount, status=EnvelopeStatus.PROVISIONAL) for funder in funders]
    add(*envelopes)
    add(
        *(
            CampaignFunder(
                campaign_id=in_campaign.id, funder_id=envelope.funder_id, envelope_id=envelope.id, position=position
            )
            for position, envelope in enumerate(envelopes)
        )
    )
