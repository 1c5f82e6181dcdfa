"""Organisations: who may found, join, answer, leave; and what is no SIRET."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.database import db
from grants.domain.organisation import members as domain
from grants.domain.organisation import profile
from grants.domain.organisation.identity import Identity, create
from grants.errors import Conflict, DomainError, NotAllowed
from grants.models import HistoryEntry, MemberRole, Membership, Nature, Organisation, Role, User
from grants.permissions import can, is_signatory
from grants.queries import organisations as queries
from tests.conftest import both
from tests.factories import contract, grant_role, member, user
from tests.factories import organisation as an_organisation

SIRET, OTHER_SIRET, LA_POSTE = "78467169500087", "73282932000074", "35600000049837"
DETAILS = Identity("L'Écho des  tours", Nature.ASSOCIATION, "784 671 695 00087", rna="w922001234")
SERVICE = Identity("Service jeunesse", Nature.MUNICIPAL_SERVICE)


def place(of: Organisation, who: User) -> Membership:
    statement = select(Membership).filter_by(organisation_id=of.id, user_id=who.id)
    return db.session.scalars(statement).one()


def asks(of: Organisation) -> tuple[User, Membership]:
    person = user()
    return person, domain.ask_to_join(of, by=person)


@both
def test_the_founder_is_its_signatory(app: Flask) -> None:
    founder = user()
    made = create(DETAILS, by=founder)
    assert (made.name, made.siret, made.rna) == ("L'Écho des tours", SIRET, "W922001234")
    assert made.name_key == "l'écho des tours"
    assert is_signatory(founder, made)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "  "}, "name"),
        ({"siret": ""}, "siret"),
        ({"siret": "78467169500088"}, "siret"),
        ({"siret": "7846716950008"}, "siret"),
        ({"siret": "٧٨٤٦٧١٦٩٥٠٠٠٨٧"}, "siret"),
        ({"siret": "35600000049838"}, "siret"),
        ({"nature": Nature.LANDLORD, "siret": " "}, "siret"),
        ({"nature": Nature.MUNICIPAL_SERVICE, "siret": "1"}, "siret"),
        ({"rna": "X922001234"}, "rna"),
        ({"rna": "W92200123"}, "rna"),
        ({"email": "nobody"}, "email"),
    ],
)
def test_what_will_not_do(app: Flask, changes: dict, field: str) -> None:
    with pytest.raises(DomainError) as refused:
        create(replace(DETAILS, **changes), by=user())
    assert refused.value.field == field


def test_la_poste_has_numbers_of_its_own(app: Flask) -> None:
    assert create(replace(DETAILS, siret=LA_POSTE), by=user()).siret == LA_POSTE


@both
def test_a_siret_taken_is_refused_and_names_whom_to_join(app: Flask) -> None:
    create(DETAILS, by=user())
    for nature in (Nature.ASSOCIATION, Nature.MUNICIPAL_SERVICE):
        with pytest.raises(DomainError, match=r"Écho des tours.*rejoindre") as refused:
            create(replace(DETAILS, name="Autre", nature=nature), by=user())
        assert refused.value.field == "siret"


@both
def test_services_of_a_commune_share_its_siret_or_have_none(app: Flask) -> None:
    create(SERVICE, by=user())
    create(replace(SERVICE, name="Service des sports", siret=SIRET), by=user())
    create(replace(SERVICE, name="Service culture", siret=SIRET), by=user())
    with pytest.raises(DomainError):
        create(DETAILS, by=user())


@both
def test_pressing_twice_founds_one(app: Flask) -> None:
    founder = user()
    create(SERVICE, by=founder)
    with pytest.raises(DomainError, match="déjà membre"):
        create(SERVICE, by=founder)
    create(SERVICE, by=user())  # another commune's


@both
def test_who_asks_sees_nothing_before_the_answer(app: Flask) -> None:
    of = an_organisation()
    signatory = member(of)
    person, asked = asks(of)
    for action in ("organisation.read", "organisation.edit"):
        assert not can(person, action, of)
    assert not can(person, "membership.approve", asked)
    with pytest.raises(NotAllowed):
        domain.approve(asked, MemberRole.SIGNATORY, by=person)
    domain.approve(asked, MemberRole.EDITOR, by=signatory)
    db.session.expire(person)
    assert can(person, "organisation.read", of)


def test_nobody_asks_twice(app: Flask) -> None:
    of = an_organisation()
    person, _ = asks(of)
    with pytest.raises(DomainError, match="attend une réponse"):
        domain.ask_to_join(of, by=person)


@both
def test_a_declined_request_leaves_a_trace_and_may_be_made_again(app: Flask) -> None:
    of = an_organisation()
    person, asked = asks(of)
    domain.decline(asked, by=member(of))
    actions = db.session.scalars(
        select(HistoryEntry.action).filter_by(subject="memberships").order_by(HistoryEntry.id)
    ).all()
    assert actions == ["ask", "decline"]
    domain.ask_to_join(of, by=person)


@both
def test_an_answer_is_given_once(app: Flask) -> None:
    of = an_organisation()
    signatory = member(of)
    _, asked = asks(of)
    domain.approve(asked, MemberRole.EDITOR, by=signatory)
    for again in (
        lambda: domain.approve(asked, MemberRole.SIGNATORY, by=signatory),
        lambda: domain.decline(asked, by=signatory),
    ):
        with pytest.raises(DomainError, match="déjà membre"):
            again()


def test_who_only_asks_has_no_role_to_change(app: Flask) -> None:
    of = an_organisation()
    _, asked = asks(of)
    with pytest.raises(DomainError, match="pas encore membre"):
        domain.change_role(asked, MemberRole.SIGNATORY, by=member(of))
    assert (asked.role, asked.approved_at) == (MemberRole.EDITOR, None)


@both
def test_putting_out_who_asks_is_a_decline(app: Flask) -> None:
    of = an_organisation()
    person, asked = asks(of)
    domain.remove(asked, by=member(of))
    domain.remove(domain.ask_to_join(of, by=person), by=person)  # takes it back
    actions = db.session.scalars(
        select(HistoryEntry.action).filter_by(subject="memberships").order_by(HistoryEntry.id)
    ).all()
    assert actions == ["ask", "decline", "ask", "remove"]


def test_members_of_another_organisation_answer_nothing(app: Flask) -> None:
    of, stranger = an_organisation(), member(an_organisation())
    signatory = member(of)
    _, asked = asks(of)
    for forbidden in (
        lambda: domain.approve(asked, MemberRole.EDITOR, by=stranger),
        lambda: domain.decline(asked, by=stranger),
        lambda: domain.change_role(place(of, signatory), MemberRole.EDITOR, by=stranger),
        lambda: domain.remove(place(of, signatory), by=stranger),
        lambda: profile.save(of, DETAILS, by=stranger, seen=""),
    ):
        with pytest.raises(NotAllowed):
            forbidden()


def test_an_editor_takes_in_editors_only(app: Flask) -> None:
    of = an_organisation()
    editor, signatory = member(of, MemberRole.EDITOR), member(of)
    _, asked = asks(of)
    for forbidden in (
        lambda: domain.approve(asked, MemberRole.SIGNATORY, by=editor),
        lambda: domain.change_role(place(of, editor), MemberRole.SIGNATORY, by=editor),
        lambda: domain.remove(place(of, signatory), by=editor),
    ):
        with pytest.raises(NotAllowed):
            forbidden()
    domain.approve(asked, MemberRole.EDITOR, by=editor)
    domain.remove(place(of, editor), by=editor)
    assert not can(editor, "organisation.read", of)


@both
def test_the_administrator_answers_where_nobody_can(app: Flask) -> None:
    of, admin = an_organisation(), grant_role(user(), Role.ADMINISTRATOR)
    person, asked = asks(of)
    assert [p.has_members for p in queries.pending_memberships()] == [False]
    domain.approve(asked, MemberRole.SIGNATORY, by=admin)
    assert (asked.role, asked.approved_by_id) == (MemberRole.SIGNATORY, admin.id)
    db.session.expire(person)
    assert is_signatory(person, of)
    assert queries.pending_memberships() == []


@both
def test_the_last_signatory_cannot_leave(app: Flask) -> None:
    of, admin = an_organisation(), grant_role(user(), Role.ADMINISTRATOR)
    signatory, editor = member(of), member(of, MemberRole.EDITOR)
    asks(of)
    for by in (signatory, admin):
        with pytest.raises(DomainError, match="dernier signataire"):
            domain.remove(place(of, signatory), by=by)
        with pytest.raises(DomainError, match="dernier signataire"):
            domain.change_role(place(of, signatory), MemberRole.EDITOR, by=by)
    domain.change_role(place(of, editor), MemberRole.SIGNATORY, by=signatory)
    domain.remove(place(of, signatory), by=signatory)
    assert db.session.scalar(select(func.count(Membership.id)).filter_by(user_id=signatory.id)) == 0


@both
def test_an_edit_is_remembered_field_by_field(app: Flask) -> None:
    founder = user()
    made = create(DETAILS, by=founder)
    seen = Identity.of(made)
    profile.save(
        made, replace(seen, phone="01 23 45 67 89"), by=founder, seen=seen.fingerprint()
    )
    edits = db.session.execute(
        select(HistoryEntry.field, HistoryEntry.old, HistoryEntry.new).filter_by(action="edit")
    ).all()
    assert [tuple(e) for e in edits] == [("phone", "", "01 23 45 67 89")]


@both
def test_a_new_name_is_one_change(app: Flask) -> None:
    founder = user()
    made = create(DETAILS, by=founder)
    rename(made, "Écho", founder)
    assert made.name_key == "écho"
    edits = db.session.scalars(select(HistoryEntry.field).filter_by(action="edit")).all()
    assert edits == ["name"]


@both
def test_a_namesake_of_the_same_contract_is_refused_at_the_name(app: Flask) -> None:
    here, elsewhere = contract(), contract()
    mine, namesake, other = (an_organisation(name) for name in ("service", "culture", "sports"))
    mine.home_contract_id = namesake.home_contract_id = here.id
    other.home_contract_id = elsewhere.id
    an_organisation("jeunesse")  # of no contract
    db.session.flush()
    by = member(mine)
    with pytest.raises(DomainError, match="« culture » existe déjà") as refused:
        rename(mine, "Culture", by)
    assert refused.value.field == "name"
    for name in ("Sports", "Jeunesse", "Service"):
        rename(mine, name, by)
        assert mine.name == name
    bystander = an_organisation("hors contrat")
    rename(bystander, "Jeunesse", member(bystander))


def rename(of: Organisation, name: str, by: User) -> None:
    seen = Identity.of(of)
    nature = {} if of.siret else {"nature": Nature.MUNICIPAL_SERVICE}
    profile.save(of, replace(seen, name=name, **nature), by=by, seen=seen.fingerprint())


@both
def test_an_edit_over_anothers_shows_both_values(app: Flask) -> None:
    founder = user()
    made = create(DETAILS, by=founder)
    seen = Identity.of(made)
    profile.save(made, replace(seen, phone="01"), by=founder, seen=seen.fingerprint())
    with pytest.raises(Conflict, match="« 01 » est enregistré, vous avez écrit « 02 »"):
        profile.save(made, replace(seen, phone="02"), by=founder, seen=seen.fingerprint())
    assert made.phone == "01"


@both
def test_search_finds_whatever_the_accents_and_shows_little(app: Flask) -> None:
    where = "3 rue Haute\n92390 Villeneuve-la-Garenne"
    made = create(replace(DETAILS, address=where, phone="0612345678"), by=user())
    expected = [
        queries.FoundOrganisation(made.id, made.name, made.nature, "Villeneuve-la-Garenne")
    ]
    for typed in ("echo", "ECHO tours", "l’écho", SIRET, "784 671 695", "784.671.695.00087"):
        assert queries.search(typed) == expected, typed
    for typed in ("echos", "123456789", "%%%", "___", "a\x00b", " "):
        assert queries.search(typed) == [], typed


@both
def test_search_stops_at_twenty(app: Flask) -> None:
    for number in range(25):
        an_organisation(f"Amicale {number:02}")
    assert [f.name for f in queries.search("amicale")] == [f"Amicale {n:02}" for n in range(20)]
