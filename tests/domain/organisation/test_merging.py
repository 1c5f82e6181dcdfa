"""Two rows of one organisation: what hangs on one hangs on the other, and goes back while nothing new does."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain.importing.catalogue import Catalogue
from grants.domain.organisation.merging import HANGING, merge, undo
from grants.errors import DomainError
from grants.models import DocumentKind, HistoryEntry, MemberRole, Merge, Nature, Organisation, OrganisationBudgetLine
from grants.queries.administration.organisations import alike, of_user, search
from tests.conftest import both
from tests.factories import World, document, member, organisation, project, world

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
