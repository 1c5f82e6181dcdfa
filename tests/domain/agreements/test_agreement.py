"""What an agreement may say, and how it changes once it is signed."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain import envelope
from grants.domain.agreements import agreement as rules
from grants.domain.agreements.agreement import Promised
from grants.domain.contract.arranging import remove_part
from grants.domain.contract.contract import ContractTerms, change_contract
from grants.errors import Conflict, DomainError, NotAllowed
from grants.models import Agreement, AgreementAction, AgreementAmount
from tests.conftest import both
from tests.factories import World, campaign, world
from tests.factories.agreements import SIGNED, agreement, kept, promised, sign, terms


def amend(w: World, made: Agreement, amount: Promised, *, year: int = 2026, funder: Any = None, **more: Any) -> None:
    [action] = made.actions
    wanted = {((funder or w.cget).id, year): amount}
    rules.change_action(action, wanted, by=w.coordinator, **kept(action), **more)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"first_year": 2014}, "first_year"),
        ({"last_year": 2031}, "last_year"),
        ({"first_year": 2028, "last_year": 2027}, "last_year"),
        ({"first_year": 2016, "last_year": 2026}, "last_year"),
    ],
)
def test_years_that_do_not_hold_together(app: Flask, wrong: dict, field: str) -> None:
    w = world()
    with pytest.raises(DomainError) as refused:
        rules.add_agreement(w.contract, w.bearer, by=w.coordinator, **terms(w, **wrong))
    assert refused.value.field == field


def test_actions_of_the_contract_alone(app: Flask) -> None:
    w, elsewhere = world("ici"), world("ailleurs")
    made = agreement(w, {w.cget: (0, 5000)}, signed=False)
    for wrong in ({"theme_id": elsewhere.contract.themes[-1].id}, {"commune_id": 99}):
        with pytest.raises(DomainError):
            rules.add_action(made, by=w.coordinator, **kept(made.actions[0], **wrong))


def test_amounts_that_cannot_be(app: Flask) -> None:
    """Another contract's funder, a year outside, below nought, more firm than expected."""
    w, elsewhere = world("ici"), world("ailleurs")
    made = agreement(w, {w.cget: (0, 5000)}, signed=False)
    for amount, where in (
        (promised(0, 10), {"funder": elsewhere.cget}),
        (promised(0, 10), {"year": 2025}),
        (promised(-1, 10), {}),
        (promised(11, 10), {}),
    ):
        with pytest.raises(DomainError):
            amend(w, made, amount, **where)


def test_no_signature_without_amounts_and_none_to_come(app: Flask) -> None:
    w = world()
    made = rules.add_agreement(w.contract, w.bearer, by=w.coordinator, **terms(w))
    theme = next(t for t in w.contract.themes if t.number)
    for _ in range(2):
        with pytest.raises(DomainError) as refused:
            sign(w, made)
        assert refused.value.field == "signed_on"
        rules.add_action(made, by=w.coordinator, title="Lire", call_kind=w.campaign.kind, theme_id=theme.id)
    with pytest.raises(DomainError, match="avenir"):
        sign(w, made, signed_on=SIGNED.replace(year=2090))


@both
def test_an_amendment_leaves_what_it_replaces_to_be_read(app: Flask) -> None:
    w = world()
    made = agreement(w, {w.cget: (4000, 5000)})
    with pytest.raises(DomainError) as refused:
        amend(w, made, promised(3000, 3000))
    assert refused.value.field == "reason"
    amend(w, made, promised(3000, 3000), reason="Gel des crédits")
    amend(w, made, promised(1000, 5000), year=2027, reason="Vote")
    columns = (AgreementAmount.year, AgreementAmount.amendment, AgreementAmount.firm, AgreementAmount.expected)
    found = db.session.execute(select(*columns, AgreementAmount.reason).where(AgreementAmount.year < 2028))
    assert sorted(found.all()) == [
        (2026, 0, 4000, 5000, ""),
        (2026, 1, 3000, 3000, "Gel des crédits"),
        (2027, 0, 0, 5000, ""),
        (2027, 2, 1000, 5000, "Vote"),
    ]
    assert {row.year: row.firm for row in rules.amounts(made)} == {2026: 3000, 2027: 1000, 2028: 0}
    assert envelope.reserved(envelope.locked_for(w.campaign.id, w.cget.id).id) == 3000


def test_a_signed_one_stays_signed_and_keeps_the_years_of_its_amounts(app: Flask) -> None:
    w = world()
    made = agreement(w, {w.cget: (4000, 5000)})
    for wrong in ({"signed_on": None}, {"last_year": 2027}):
        with pytest.raises(DomainError):
            sign(w, made, **wrong)


def test_an_action_is_removed_once_it_has_no_amounts(app: Flask) -> None:
    w = world()
    made = agreement(w, {w.cget: (0, 5000)}, signed=False)
    with pytest.raises(DomainError):
        remove_part(made.actions[0], by=w.administrator)
    for year in made.years:
        amend(w, made, promised(0, 0), year=year)
    remove_part(made.actions[0], by=w.administrator)
    assert db.session.scalar(select(AgreementAction.id)) is None


def test_two_people_at_once(app: Flask) -> None:
    w = world()
    made = agreement(w, {w.cget: (4000, 5000)})
    seen = made.version
    amend(w, made, promised(1, 2), version=seen, reason="Un")
    for late in (
        lambda: amend(w, made, promised(3, 4), version=seen, reason="Deux"),
        lambda: sign(w, made, version=seen),
    ):
        with pytest.raises(Conflict):
            late()


def test_only_the_coordinator(app: Flask) -> None:
    w = world()
    made = agreement(w, {w.cget: (4000, 5000)})
    with pytest.raises(NotAllowed):
        rules.change_agreement(made, by=w.state_instructor, **terms(w, archived=True))


@both
def test_the_firm_slice_is_taken_first_while_it_is_signed_and_in_force(app: Flask) -> None:
    w = world()
    own = envelope.locked_for(w.campaign.id, w.cget.id).id
    made = agreement(w, {w.cget: (4000, 5000)}, signed=False)
    assert envelope.reserved(own) == 0
    sign(w, made)
    assert envelope.reserved(own) == 4000
    campaign(w.contract, [w.cget])  # of several calls of the kind the first pays
    assert envelope.reserved(own) == 4000
    sign(w, made, archived=True)
    assert envelope.reserved(own) == 0
    with pytest.raises(DomainError):
        amend(w, made, promised(1, 2), reason="Trop tard")
    sign(w, made)
    assert envelope.reserved(own) == 4000


@both
def test_no_more_is_promised_firm_than_the_envelope_has(app: Flask) -> None:
    w = world(envelope=10_000)
    made = agreement(w, {w.cget: (10_000, 12_000)})
    with pytest.raises(DomainError, match="il y manquerait 1\xa0€"):
        amend(w, made, Promised(Decimal(10_001), Decimal(12_000)), reason="Vote")
    db.session.rollback()


def test_no_more_is_signed_than_the_envelope_has(app: Flask) -> None:
    w = world(envelope=10_000)
    made = agreement(w, {w.cget: (10_001, 12_000)}, signed=False)
    with pytest.raises(DomainError) as refused:
        sign(w, made)
    assert refused.value.field == "signed_on"


def test_a_year_whose_envelope_is_still_to_come(app: Flask) -> None:
    """What is promised for it is shown missing once the envelope comes, and nothing else is granted from it."""
    w = world(envelope=10_000)
    made = agreement(w, {w.cget: (0, 12_000)})
    amend(w, made, promised(12_000, 12_000), year=2027, reason="Vote")
    later = campaign(w.contract, [w.cget], year=2027)
    own = envelope.set_envelope(w.cget, [later], Decimal(9000), by=w.administrator)
    [room] = envelope.rooms([((later.id, w.cget.id), Decimal(1))])
    assert (own.amount, room.left) == (9000, -3000)


def test_the_contract_keeps_the_years_of_its_agreements(app: Flask) -> None:
    w = world()
    agreement(w, {w.cget: (0, 12_000)})
    names = ("label", "start_year", "level_names")
    shorter = ContractTerms(**{name: getattr(w.contract, name) for name in names}, end_year=2027)
    with pytest.raises(DomainError, match="2026 à 2028"):
        change_contract(w.contract, shorter, by=w.administrator)
