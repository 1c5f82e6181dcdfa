"""Two rows of one organisation: what hangs on one hangs on the other, and goes back while nothing new does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain.campaign.late_permission import allow
from grants.domain.importing.catalogue import Catalogue
from grants.domain.organisation.budget import ACCOUNTS, Budget
from grants.domain.organisation.closing import close
from grants.domain.organisation.identity import Identity, create
from grants.domain.organisation.invitation import invite, live
from grants.domain.organisation.members import approve, ask_to_join, remove
from grants.domain.organisation.merging import HANGING, merge, undo
from grants.errors import DomainError, NotAllowed
from grants.models import (
    DocumentKind,
    HistoryEntry,
    MemberRole,
    Membership,
    Merge,
    Nature,
    Organisation,
    OrganisationBudgetLine,
    User,
)
from grants.queries.administration.organisations import alike, of_user, pending_memberships, search
from tests.conftest import both
from tests.factories import World, document, member, organisation, project, user, world
from tests.factories.agreements import agreement
from tests.factories.basics import new_membership

SIRET = "73282932000074"


def twin(w: World) -> Organisation:
    """With a dossier, a file, a member of its own and one that both have, a budget, a number."""
    made = organisation("Les Amis du Livre")
    made.siret, made.iban, made.home_contract_id = SIRET, "FR76", w.contract.id
    person = member(made)
    project(w.campaign, person, bearer=made)
    document(made, person, kind=DocumentKind.STATUTES)
    db.session.add(OrganisationBudgetLine(organisation_id=made.id, year=2026, account="60", amount=5))
    db.session.commit()
    return made


def theirs(of: Organisation) -> dict[str, int]:
    return {m.__tablename__: db.session.query(m).filter_by(organisation_id=of.id).count() for m in HANGING}


@both
def test_all_that_hangs_on_it_goes_over_and_comes_back(app: Flask) -> None:
    w = world()
    gone, kept = twin(w), w.bearer
    before = theirs(gone), theirs(kept)
    past = db.session.query(HistoryEntry).count()
    done = merge(gone, kept, by=w.administrator)
    db.session.commit()
    assert sum(theirs(gone).values()) == 0
    assert theirs(kept) == {name: before[0][name] + before[1][name] for name in before[0]}
    assert (kept.siret, kept.iban) == (SIRET, "")
    assert db.session.query(HistoryEntry).count() > past
    assert [one.name for one in search("Amis du Livre")] == [kept.name]
    assert Catalogue(w.contract).bearers[gone.name_key] == kept.id
    told = select(HistoryEntry.old, HistoryEntry.new).where(HistoryEntry.project_id.is_not(None))
    assert db.session.execute(told.where(HistoryEntry.field == "bearer")).all() == [(gone.name, kept.name)]
    undo(done, by=w.administrator)
    db.session.commit()
    assert (theirs(gone), theirs(kept)) == before
    assert kept.siret is None
    assert db.session.query(Merge).count() == 0


@both
def test_what_both_have_stays_where_it_is(app: Flask) -> None:
    w = world()
    gone, kept = twin(w), w.bearer
    db.session.add(OrganisationBudgetLine(organisation_id=kept.id, year=2026, account="61", amount=7))
    signs = w.applicant
    both_of_them = member(gone, MemberRole.EDITOR)
    db.session.commit()
    done = merge(gone, kept, by=w.administrator)
    db.session.commit()
    assert theirs(gone)["organisation_budget_lines"] == 1
    assert [one.name for one in of_user(both_of_them.id)] == [kept.name]
    assert [one.id for one in of_user(signs.id)] == [kept.id]
    with pytest.raises(DomainError, match="déjà réunie"):
        merge(gone, organisation(), by=w.administrator)
    with pytest.raises(DomainError, match="déjà réunie"):
        merge(kept, organisation(), by=w.administrator)
    project(w.campaign, signs, bearer=kept)
    with pytest.raises(DomainError, match="nouveaux dossiers"):
        undo(done, by=w.administrator)


def place(person: User) -> list[tuple[int, MemberRole, bool]]:
    db.session.expire_all()
    return sorted((each.organisation_id, each.role, each.approved_at is not None) for each in person.memberships)


@both
def test_who_is_in_both_has_the_greater_of_their_places(app: Flask) -> None:
    w = world()
    gone, kept = twin(w), w.bearer
    signs, edits, waits = member(gone), member(kept, MemberRole.EDITOR), member(gone)
    less = (Membership(user_id=waits.id, organisation_id=kept.id, role=MemberRole.EDITOR), new_membership(edits, gone))
    db.session.add_all([*less, new_membership(signs, kept)])
    db.session.commit()
    before = [place(each) for each in (signs, edits, waits)]
    done = merge(gone, kept, by=w.administrator)
    db.session.commit()
    for each in (signs, edits, waits):
        assert place(each) == [(kept.id, MemberRole.SIGNATORY, True)]
    told = select(HistoryEntry.subject_id).where(HistoryEntry.subject == "memberships", HistoryEntry.field == "bearer")
    assert sorted(db.session.scalars(told)) == done.moved["memberships"]
    undo(done, by=w.administrator)
    db.session.commit()
    assert [place(each) for each in (signs, edits, waits)] == before


@both
def test_who_was_in_both_can_close_their_account(app: Flask) -> None:
    w = world()
    gone, kept = organisation(), w.bearer
    person = member(gone)
    db.session.add(new_membership(person, kept, MemberRole.EDITOR))
    member(kept)
    merge(gone, kept, by=w.administrator)
    db.session.commit()
    close(person, by=person)
    assert db.session.query(Membership).filter_by(user_id=person.id).count() == 0


def test_an_invitation_to_the_one_that_is_gone_is_void(app: Flask) -> None:
    w = world()
    gone, signs = organisation(), user()
    db.session.add_all([new_membership(signs, of) for of in (gone, w.bearer)])
    db.session.commit()
    token = invite(gone, "ami@example.org", MemberRole.SIGNATORY, by=signs)
    merge(gone, w.bearer, by=w.administrator)
    db.session.commit()
    with pytest.raises(DomainError, match="annulée"):
        live(token)


def test_the_administrator_alone_merges_and_parts(app: Flask) -> None:
    w = world()
    with pytest.raises(NotAllowed, match="administrateur"):
        merge(organisation(), w.bearer, by=w.coordinator)
    done = merge(organisation(), w.bearer, by=w.administrator)
    with pytest.raises(NotAllowed, match="administrateur"):
        undo(done, by=w.coordinator)


def approved(w: World, gone: Organisation) -> None:
    waiting = next(each for each in gone.memberships if each.approved_at is None)
    approve(waiting, MemberRole.EDITOR, by=w.administrator)


def put_out(w: World, gone: Organisation) -> None:
    remove(next(each for each in gone.memberships if each.approved_at is None), by=w.administrator)


def agreed(w: World, _gone: Organisation) -> None:
    agreement(w, {w.cget: (100, 200)})


def budgeted(w: World, _gone: Organisation) -> None:
    Budget(2026, ((next(iter(ACCOUNTS)), Decimal(7)),)).write(w.bearer, w.applicant)


def allowed(w: World, _gone: Organisation) -> None:
    allow(w.campaign, w.bearer, w.campaign.closes_at + timedelta(days=9), "Panne", by=w.administrator)


def merged_again(w: World, _gone: Organisation) -> None:
    merge(organisation(), w.bearer, by=w.administrator)


@both
@pytest.mark.parametrize("since", [approved, put_out, agreed, budgeted, allowed, merged_again])
def test_what_came_since_is_not_carried_away(app: Flask, since: Callable[[World, Organisation], None]) -> None:
    w = world()
    gone = twin(w)
    asks = Membership(user_id=user().id, organisation_id=gone.id, role=MemberRole.EDITOR)
    db.session.add(asks)
    db.session.commit()
    done = merge(gone, w.bearer, by=w.administrator)
    db.session.commit()
    since(w, w.bearer)
    db.session.commit()
    with pytest.raises(DomainError, match="ne se séparent plus"):
        undo(done, by=w.administrator)


@both
def test_the_one_that_is_gone_stands_in_nobodys_way(app: Flask) -> None:
    w = world()
    gone, kept = twin(w), w.bearer
    kept.home_contract_id = w.contract.id
    merge(gone, kept, by=w.administrator)
    db.session.commit()
    Identity(kept.name, kept.nature, SIRET, phone="0102030405").write(kept, w.applicant)
    assert kept.phone == "01 02 03 04 05"
    with pytest.raises(DomainError, match=f"« {kept.name} » a déjà ce SIRET"):
        create(Identity("Tout autre nom", Nature.ASSOCIATION, SIRET), by=user())
    assert ask_to_join(gone, by=user()).organisation_id == kept.id
    assert [each.organisation_name for each in pending_memberships()] == [kept.name]


def test_the_likely_ones_are_found_by_name_acronym_and_number(app: Flask) -> None:
    one, other = organisation("Association de défense des Aubépines"), organisation("ADDA")
    one.acronym = "A.D.D.A."
    same_number = organisation("Club des Aubépines")
    one.siret, same_number.siret = SIRET, SIRET[:9] + "00082"
    services = [organisation(f"Service {n}", Nature.MUNICIPAL_SERVICE) for n in "ab"]
    for service in services:
        service.siret = "21920078000012"
    db.session.commit()
    pairs = {(pair.one.id, pair.other.id): pair.why for pair in alike()}
    assert pairs == {(one.id, same_number.id): "même SIREN", (one.id, other.id): "nom ou sigle de l'autre"}
