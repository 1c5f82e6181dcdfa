"""A bank account changes under its owner's eyes: password, mail, instructors' sheet, mask."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from grants.database import db
from grants.domain.accounts import passwords
from grants.models import HistoryEntry, Mail, MemberRole, SecurityEvent, User
from tests.conftest import SignIn, both
from tests.factories import World, member, organisation
from tests.web.dossiers import fields_of, send
from tests.web.test_instruction import count_queries

PASSWORD = "une phrase qui se retient"
OLD, MASKED = "FR1420041010050500013M02606", "FR14 •••• 2606"
NEW, NEW_MASKED = "FR7630006000011234567890189", "FR76 •••• 0189"
OTHER = "FR7630004000031234567890143"

pytestmark = both


def with_password(person: User) -> User:
    person.password_hash = passwords.HASHER.hash(PASSWORD)
    db.session.commit()
    return person


@pytest.fixture
def page(w: World) -> str:
    with_password(w.applicant)
    return f"/organisation/{w.bearer.id}/banque"


@pytest.fixture
def editor(w: World) -> User:
    return with_password(member(w.bearer, MemberRole.EDITOR))


def number(w: World) -> str:
    db.session.expire_all()
    return w.bearer.iban


def mails() -> list[Mail]:
    return list(db.session.scalars(select(Mail).filter_by(purpose="iban_changed")))


def test_a_change_asks_for_the_password_and_is_mailed_to_the_signatories(
    w: World, page: str, editor: User, sign_in: SignIn
) -> None:
    second = with_password(member(w.bearer))
    client = sign_in(w.applicant)
    without = send(client, page, iban=NEW)
    assert without.status_code == 422
    assert "Écrivez votre mot de passe" in without.text
    wrong = send(client, page, iban=NEW, password="faux")
    assert wrong.status_code == 422
    assert "pas votre mot de passe" in wrong.text
    assert "faux" not in wrong.text
    assert NEW in wrong.text  # what was typed stays
    assert number(w) == OLD
    assert mails() == []
    assert db.session.query(SecurityEvent).count() == 1
    assert send(client, page, iban=NEW, password=PASSWORD).status_code == 302
    assert number(w) == NEW
    assert {m.to for m in mails()} == {w.applicant.email, second.email}
    for mail in mails():
        assert w.applicant.name in mail.text
        assert NEW_MASKED in mail.text
        for clear in (OLD, NEW):
            assert clear not in mail.subject + mail.text + mail.html
    told = db.session.scalars(select(HistoryEntry).filter_by(field="iban")).one()
    assert (told.old, told.new, told.by_id) == (MASKED, NEW_MASKED, w.applicant.id)


def test_guesses_are_counted_and_nothing_waits_for_argon2(
    w: World, page: str, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[object] = []

    def matches(*args: object) -> bool:
        held.append(db.session.connection().get_execution_options().get("grants_write"))
        return real(*args)

    real = passwords._matches
    monkeypatch.setattr(passwords, "_matches", matches)
    client = sign_in(w.applicant)
    for _ in range(5):
        send(client, page, iban=NEW, password="faux")
    assert "Trop d&#39;essais" in send(client, page, iban=NEW, password=PASSWORD).text
    assert number(w) == OLD
    assert held == [None] * 5


def test_what_is_no_change_needs_no_password(w: World, page: str, sign_in: SignIn) -> None:
    client = sign_in(w.applicant)
    same = "FR14 2004 1010 0505 0001 3M02 606"
    assert send(client, page, iban=same).status_code == 302
    refused = send(client, page, iban="")
    assert "se remplace" in refused.text
    assert number(w) == OLD
    assert mails() == []


@pytest.mark.parametrize(
    ("field", "value"), [("account_holder", "Un autre"), ("account_holder", ""), ("bic", "AGRIFRPP")]
)
def test_holder_and_bic_are_changed_as_the_number_is(
    w: World, page: str, sign_in: SignIn, field: str, value: str
) -> None:
    """Issue 8: a transfer goes to whom the holder names."""
    w.bearer.bic = "PSSTFRPP"
    db.session.commit()
    client, kept = sign_in(w.applicant), getattr(w.bearer, field)
    assert "Écrivez votre mot de passe" in send(client, page, **{field: value}).text
    db.session.rollback()
    assert (getattr(w.bearer, field), mails()) == (kept, [])
    assert send(client, page, **{field: value}, password=PASSWORD).status_code == 302
    db.session.expire_all()
    [mail] = mails()
    assert (getattr(w.bearer, field) != kept, mail.to) == (True, w.applicant.email)
    if field == "account_holder" and value:
        assert f"au nom de {value}" in mail.text


def test_the_first_number_needs_no_password(w: World, sign_in: SignIn) -> None:
    of = organisation()
    client, page = sign_in(member(of)), f"/organisation/{of.id}/banque"
    db.session.commit()
    assert "password" not in fields_of(client, page)
    assert send(client, page, iban=OLD).status_code == 302
    assert "password" in fields_of(client, page)
    assert mails() == []


def saved(client: FlaskClient, page: str, fields: dict[str, str], **changes: str):
    return client.post(page, data={**fields, **changes})


def test_an_editor_sees_a_mask_that_overwrites_nothing(w: World, page: str, editor: User, sign_in: SignIn) -> None:
    client, signatory = sign_in(editor), sign_in(w.applicant)
    before = fields_of(client, page)
    assert before["iban"] == MASKED
    assert OLD not in client.get(page).text
    assert OLD in signatory.get(page).text
    assert saved(client, page, before, account_holder="Écho", password=PASSWORD).status_code == 302
    assert (number(w), w.bearer.account_holder) == (OLD, "Écho")
    before = fields_of(client, page)
    send(signatory, page, iban=NEW, password=PASSWORD)
    # Of two changes of different fields both are kept, and no question is asked.
    assert saved(client, page, before, account_holder="Écho 2", password=PASSWORD).status_code == 302
    assert (number(w), w.bearer.account_holder) == (NEW, "Écho 2")
    # Of two numbers one is asked about, without showing the other's.
    asked = saved(client, page, before, iban=OTHER, password=PASSWORD)
    assert asked.status_code == 422
    assert "que garder" in asked.text
    assert NEW_MASKED in asked.text
    assert NEW not in asked.text
    assert number(w) == NEW
    refused = send(client, page, iban="FR76 •••• 0143", password=PASSWORD)
    assert "IBAN n&#39;est pas valable" in refused.text
    assert send(client, page, iban=OTHER, password=PASSWORD).status_code == 302
    assert number(w) == OTHER


def test_who_came_between_reading_and_writing_is_told_of_masked(
    w: World, page: str, editor: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, real = sign_in(editor), passwords.prove

    def prove(*args: str):
        w.bearer.iban = NEW
        db.session.commit()
        return real(*args)

    monkeypatch.setattr(passwords, "prove", prove)
    answer = send(client, page, iban=OTHER, password=PASSWORD)
    assert "entre-temps" in answer.text
    assert NEW not in answer.text
    assert number(w) == NEW
    assert mails() == []


def test_instructors_see_when_it_was_changed_and_by_whom(w: World, page: str, sign_in: SignIn) -> None:
    project = w.project()
    db.session.commit()
    client, sheet = sign_in(w.coordinator), f"/projets/{project.id}"
    few, before = count_queries(client, sheet)
    assert "Compte bancaire du porteur" not in before
    for each in (NEW, OTHER):
        send(sign_in(w.applicant), page, iban=each, password=PASSWORD)
    same, after = count_queries(client, sheet)
    assert same == few
    assert after.count("Compte bancaire du porteur") == 1
    assert w.applicant.name in after.partition("Compte bancaire du porteur")[2][:200]
    assert OTHER not in after
    bearer = client.get(f"{sheet}/porteur").text
    assert "Compte bancaire modifié le" in bearer
    assert w.applicant.name in bearer.partition("Compte bancaire modifié le")[2][:100]
