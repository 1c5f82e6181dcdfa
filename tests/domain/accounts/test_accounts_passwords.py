"""Passwords: what is strong enough, and what many attempts meet."""

import threading
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import func, select, update

from grants.database import begin_write, db
from grants.domain.accounts import accounts, passwords, sessions
from grants.domain.accounts.passwords import conclude, hash_password, prove
from grants.domain.limits import TooMany, count, forget_old
from grants.errors import DomainError
from grants.models import Attempt, User, now
from tests.conftest import QUICK, both

PASSWORD = "Mot2passe!Long"
STRONG = passwords.HASHER


@pytest.fixture
def strong_passwords(quick_passwords: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they are made when no test makes them quicker."""
    monkeypatch.setattr(passwords, "HASHER", STRONG)


@pytest.fixture
def person(app: Flask) -> User:
    return accounts.create("Anne", "anne@example.org", hash_password(PASSWORD))


def attempt(password: str = "faux", email: str = "anne@example.org", address: str = "192.0.2.1", device: str = ""):
    return conclude(prove(email, password, address, device))


@pytest.mark.parametrize("password", ["Aa1!aa2?aaZ9", "quatorzelettre", "le chat dort sur le toit", "éàüöïÉÀ12!?ç"])
@pytest.mark.usefixtures("strong_passwords")
def test_strong_passwords(password: str) -> None:
    assert hash_password(password).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "Aa1!aa2?aaZ",
        "treizelettres",
        "aaaaaaaaaaaaaaaa",
        "Aa1!" * 51,
        "motdepasse1234",
        "Azertyuiop123!",
        "P@ssw0rd1234!",
        "azertyuiopqsdf",
        "abcdefghijklmn",
        "Soleil123456!",
        "passwordpassword",
        "wxcvbn123456WX!",
        "a1a1a1a1a1a1a1a1",
        "Villeneuve2026!",
    ],
)
def test_weak_passwords(password: str) -> None:
    with pytest.raises(DomainError) as refused:
        hash_password(password, "new_password")
    assert refused.value.field == "new_password"


def failed(times: int, kind: str, key: str) -> None:
    for _ in range(times):
        count((kind, key))


def test_ones_own_name_and_address_are_no_password(app: Flask) -> None:
    about = ("Anne-Sophie Lemaréchal", "as.lemarechal@mjc-villeneuve.example")
    for password in ("Lemarechal2026!", "Villeneuve2026!!", "annelemarechal"):
        with pytest.raises(DomainError, match="se devine"):
            hash_password(password, about=about)
    assert hash_password("annesophie lit trois romans", about=about)
    about = ("Léa Petit", "lea.petit@exemple.fr")
    for password in (about[1], "Lea.Petit@Exemple.fr1", "lea-petit-exemple", "Léa.Petit-2026", "LEA_petit_LEA_petit"):
        with pytest.raises(DomainError, match="se devine"):
            hash_password(password, about=about)
    assert hash_password("un petit cheval de bois verni", about=about)


def test_what_takes_long_to_judge_is_judged_at_once() -> None:
    """zxcvbn alone needs half a minute of this; what it reads has no signs for letters left."""
    nasty = "4@8({[<369!|1$5+70%2" * 4
    assert not set("@({[<!|$+%") & set(nasty[: passwords.READ].translate(passwords.SIGNS))
    passwords.check_strength(nasty)


@both
def test_after_five_failures_the_wait_doubles_for_that_place_alone(person: User) -> None:
    for _ in range(5):
        assert attempt() is None
    with pytest.raises(TooMany, match="Attendez 1 minute,"):
        attempt(PASSWORD)
    assert attempt(PASSWORD, address="192.0.2.9") == person  # its owner, from elsewhere
    earlier = now() - timedelta(seconds=61)
    for minutes in (2, 4, 8):
        db.session.execute(update(Attempt).values(at=earlier))
        assert attempt() is None  # let pass once the wait is over
        with pytest.raises(TooMany, match=f"Attendez {minutes} minutes"):
            attempt(PASSWORD)
        earlier = now() - timedelta(minutes=minutes, seconds=1)
    db.session.execute(update(Attempt).values(at=now() - timedelta(days=1)))
    assert attempt(PASSWORD) == person


@both
def test_a_success_clears_the_failures_of_that_place(person: User) -> None:
    for _ in range(4):
        attempt()
        attempt(address="203.0.113.7")
    assert attempt(PASSWORD) == person
    here = select(func.count(Attempt.id)).where(Attempt.kind == "password")
    assert db.session.scalar(here) == 4


@both
def test_coming_in_forgets_no_other_count(person: User) -> None:
    """What is counted of the same address, and of the same place, is not of passwords alone."""
    keys = (person.email, f"{person.email} 192.0.2.1")
    count(*(("mailed", key) for key in keys))
    assert attempt(PASSWORD) == person
    passwords.forget_failures(person.email)
    assert set(db.session.scalars(select(Attempt.key).where(Attempt.kind == "mailed"))) == set(keys)


@pytest.mark.slow
@both
def test_guesses_at_once_pass_the_limit_no_better(app: Flask) -> None:
    """Also at an address that has no account: the place that they come from is held."""
    guesses = 8
    proved, told = threading.Barrier(guesses, timeout=60), []

    def guess() -> None:
        with app.app_context():
            proof = prove("personne@example.org", "faux", "192.0.2.1")
            db.session.rollback()
            proved.wait()
            begin_write()
            try:
                told.append(conclude(proof))
                db.session.commit()
            except TooMany:
                told.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=guess) for _ in range(guesses)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (told.count(None), told.count("refused")) == (5, guesses - 5)


@both
def test_a_town_hall_is_not_shut_out_by_one_of_its_own(person: User) -> None:
    """Everybody there has one address; who has signed in on their machine before comes in."""
    sessions.begin(person, "machine", "Firefox")
    failed(200, "address", "192.0.2.1")
    assert attempt(PASSWORD, device="machine") == person
    with pytest.raises(TooMany):
        attempt(PASSWORD)  # a new machine, after a hundred failures within a quarter of an hour
    assert attempt(PASSWORD, address="192.0.2.2") == person


@both
def test_nobody_shuts_a_person_out_from_everywhere(person: User) -> None:
    sessions.begin(person, "machine", "Firefox")
    failed(60, "account", person.email)
    with pytest.raises(TooMany, match="lien par courriel"):
        attempt(PASSWORD)
    assert attempt(PASSWORD, device="machine") == person


def test_a_known_machine_is_no_way_to_guess(person: User) -> None:
    sessions.begin(person, "machine", "Firefox")
    for _ in range(5):
        assert attempt(device="machine") is None
    with pytest.raises(TooMany):
        attempt(PASSWORD, device="machine", address="192.0.2.77")
    other = accounts.create("Zoé", "zoe@example.org", hash_password(PASSWORD))
    assert attempt(PASSWORD, email=other.email, device="machine") == other


@both
def test_an_instant_to_come_does_not_count(person: User) -> None:
    """A clock that was wrong once must not close an account for years."""
    for _ in range(5):
        attempt()
    db.session.execute(update(Attempt).values(at=now() + timedelta(days=400)))
    assert attempt(PASSWORD) == person


def test_a_new_password_begins_anew(person: User) -> None:
    for address in ("192.0.2.1", "192.0.2.2"):
        for _ in range(5):
            attempt(address=address)
    accounts.set_password(person, hash_password(PASSWORD))
    assert attempt(PASSWORD) == person


@both
def test_a_burst_that_was_tried_before_any_failure_counted_does_not_pass(person: User) -> None:
    proofs = [prove(person.email, word, "192.0.2.1") for word in ["a", "b", "c", "d", "e"]]
    right = prove(person.email, PASSWORD, "192.0.2.1")
    for proof in proofs:
        assert conclude(proof) is None
    with pytest.raises(TooMany):
        conclude(right)


def test_an_unknown_address_takes_as_much_work(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    passwords._nobodys()
    tried: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash, password):
            tried.append(hash)
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "HASHER", Counting(1, 8, 1))
    assert attempt(email="nobody@example.org") is None
    person.password_hash = None
    db.session.flush()
    assert attempt() is None
    assert len(tried) == 2


@pytest.mark.usefixtures("strong_passwords")
def test_old_parameters_are_rehashed_at_sign_in(person: User) -> None:
    person.password_hash = QUICK.hash(PASSWORD)
    db.session.flush()
    assert attempt(PASSWORD) == person
    assert "m=19456,t=2,p=1" in (person.password_hash or "")
    assert attempt(PASSWORD) == person


def test_what_is_too_old_to_count_is_forgotten(person: User) -> None:
    attempt()
    db.session.execute(update(Attempt).values(at=now() - timedelta(days=1)))
    attempt(email="other@example.org")
    forget_old()
    assert db.session.scalar(select(func.count(Attempt.id))) == 3


def test_a_password_changed_meanwhile_is_not_proved_any_more(person: User) -> None:
    proof = prove(person.email, PASSWORD, "192.0.2.1")
    accounts.set_password(person, hash_password("une autre phrase secrète"))
    assert conclude(proof) is None


def test_an_accent_typed_in_two_ways_is_one_password(app: Flask) -> None:
    person = accounts.create("É", "e@example.org", hash_password("e\u0301te\u0301 au bord du lac"))
    assert attempt("été au bord du lac", email=person.email) == person


def test_a_closed_account_does_not_sign_in(person: User) -> None:
    person.active = False
    db.session.flush()
    assert attempt(PASSWORD) is None
