"""The record kept from year to year: what each nature is asked, the bank account, the budget."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain.organisation import asked, bank, budget, profile
from grants.domain.organisation.bank import Bank
from grants.domain.organisation.budget import Budget
from grants.domain.organisation.identity import Identity
from grants.domain.organisation.profile import Details, LegalStanding, People, RecordPage, Representative
from grants.errors import Conflict, DomainError, NotAllowed
from grants.models import HistoryEntry, Nature, Organisation, User
from grants.queries.administration.organisations import search
from tests.conftest import both
from tests.factories import complete_record, member, organisation

IBAN = "FR14 2004 1010 0505 0001 3M02 606"


def save(of: Organisation, details: Details, by: User) -> None:
    profile.save(of, details, by=by, seen=details.stored(of).fingerprint())


@pytest.mark.parametrize("nature", Nature)
def test_a_complete_record_lacks_nothing_whatever_its_nature(app: Flask, nature: Nature) -> None:
    of = complete_record(organisation(nature=nature), 2026)
    assert asked.missing(of, 2026) == []
    assert asked.missing(of, 2027) == []  # last year's budget will do
    if RecordPage.BUDGET in asked.parts(nature):
        assert [m.part for m in asked.missing(of, 2028)] == [RecordPage.BUDGET]


@pytest.mark.parametrize(
    ("nature", "parts"),
    [
        (Nature.ASSOCIATION, {"identite", "representant", "statut", "moyens", "budget", "banque"}),
        (Nature.MUNICIPAL_SERVICE, {"identite", "representant"}),
        (Nature.PUBLIC_BODY, {"identite", "representant", "moyens", "budget", "banque"}),
        (Nature.LANDLORD, {"identite", "representant", "statut", "moyens", "banque"}),
    ],
)
def test_natures_differ_in_what_they_are_asked(app: Flask, nature, parts) -> None:
    assert set(asked.parts(nature)) == parts
    lacks = asked.missing(organisation(nature=nature), 2026)
    assert {m.part for m in lacks} == parts


def test_a_siret_is_needed_except_of_a_service(app: Flask) -> None:
    def numbers(**more: object) -> list[str]:
        of = complete_record(organisation(nature=more.pop("nature", Nature.ASSOCIATION)), 2026)
        of.siret, of.rna = more.get("siret"), more.get("rna")
        return [m.field for m in asked.missing(of, 2026)]

    assert numbers() == ["siret"]
    assert numbers(rna="W921000001") == ["siret"]
    assert numbers(nature=Nature.PUBLIC_BODY, rna="W921000001") == ["siret"]
    assert numbers(nature=Nature.MUNICIPAL_SERVICE) == []


@both
@pytest.mark.parametrize(
    "details",
    [
        Representative("Ada Byron", "Présidente", "ada@example.org", "01 23 45 67 89"),
        LegalStanding("Jeunesse", "Ligue", False, date(2001, 2, 3), True, None),
        People(0, 12, 3, Decimal("1.50")),
        Bank("FR1420041010050500013M02606", "PSSTFRPPXXX", "Écho"),
        Budget(2026, (("606", Decimal("10.50")), ("74VILLE", Decimal(5)), ("870", Decimal(1)))),
    ],
)
def test_each_part_comes_back_as_it_was_saved(app: Flask, details: Details) -> None:
    of = organisation()
    save(of, details, member(of))
    db.session.expire_all()
    assert details.stored(of) == details


@pytest.mark.parametrize(
    ("details", "field"),
    [
        (Representative("Ada", "", "ada", ""), "representative_email"),
        (People(None, None, 2, Decimal("2.5")), "employees_fte"),
        (Bank("FR1420041010050500013M02607", "", ""), "iban"),
        (Bank("FR4120041010050500013M02605", "", ""), "iban"),  # sound but for its clé RIB
        (Bank("٧٨" * 12, "", ""), "iban"),
        (Bank("x" * 60, "", ""), "iban"),
        (Bank("", "PSST", ""), "bic"),
        (Representative("Ada", "", "", "3949"), "representative_phone"),
        (Representative("Ada", "", "", "01 23 45 67"), "representative_phone"),
        (Representative("Ada", "", "", "le bureau"), "representative_phone"),
        (Representative("Ada", "", "ada@example.org.", ""), "representative_email"),
        (Representative("Ada", "", "ada@example.org,", ""), "representative_email"),
        (Bank("", "BNPAZZPP", ""), "bic"),
    ],
)
def test_what_will_not_do(app: Flask, details: Details, field: str) -> None:
    of = organisation()
    with pytest.raises(DomainError) as refused:
        save(of, details, member(of))
    assert refused.value.field == field


def test_the_iban_is_kept_bare_with_its_bic_and_shown_masked(app: Flask) -> None:
    of = organisation()
    save(of, Bank(IBAN.lower(), "", "Écho"), member(of))
    assert (of.iban, of.bic) == ("FR1420041010050500013M02606", "PSSTFRPP")
    assert bank.masked(of.iban) == "FR14 •••• 2606"
    assert bank.masked("") == ""
    told = db.session.scalars(select(HistoryEntry.new).filter_by(field="iban")).all()
    assert told == ["FR14 •••• 2606"]


@both
def test_only_members_write_and_nobody_overwrites(app: Flask) -> None:
    of = organisation()
    one, other = member(of), member(of)
    seen = Representative.of(of)
    save(of, replace(seen, representative_name="Ada"), one)
    save(of, People(volunteers=3), other)  # another part: nobody is disturbed
    with pytest.raises(Conflict, match="entre-temps"):
        profile.save(of, replace(seen, representative_name="Eve"), by=other, seen=seen.fingerprint())
    stranger = member(organisation())
    for forbidden in (lambda: save(of, People(volunteers=4), stranger), lambda: profile.confirm(of, by=stranger)):
        with pytest.raises(NotAllowed):
            forbidden()
    assert (of.representative_name, of.volunteers, of.confirmed_at) == ("Ada", 3, None)


@both
def test_two_budgets_of_one_year_do_not_overwrite_each_other(app: Flask) -> None:
    of = organisation()
    writer = member(of)
    seen = Budget.of_year(of, 2026).fingerprint()
    profile.save(of, Budget(2026, (("606", Decimal(10)),)), by=writer, seen=seen)
    with pytest.raises(Conflict, match="entre-temps"):
        profile.save(of, Budget(2026, (("606", Decimal(12)),)), by=writer, seen=seen)
    assert Budget.of_year(of, 2026).amounts == (("606", Decimal(10)),)
    with pytest.raises(DomainError, match="plan comptable"):
        save(of, Budget(2026, (("INDFIXES", Decimal(1)),)), writer)


def test_the_sums_of_a_budget_leave_what_is_in_kind_apart(app: Flask) -> None:
    lines = (("641", "100"), ("864", "7"), ("756", "60"), ("74ETAT", "50"), ("870", "7"))
    sums = budget.sums((code, Decimal(euros)) for code, euros in lines)
    assert (sums.cost, sums.income, sums.gap) == (100, 110, -10)
    assert (sums.in_kind_expenses, sums.in_kind_income) == (7, 7)


def test_numbers_and_addresses_are_kept_clean_however_they_were_pasted(app: Flask) -> None:
    of = organisation()
    by = member(of)
    email, phone = "\u00a0ada@saint\u2011denis.fr\u200b", "01\u201123\u00a045.67\u202f89"
    save(of, Representative("Ada", "", email, phone), by)
    assert (of.representative_email, of.representative_phone) == ("ada@saint-denis.fr", "01 23 45 67 89")
    save(of, Representative("Ada", "", email, f"Tél. : {phone}"), by)
    assert of.representative_phone == "01 23 45 67 89"
    save(of, Representative("Ada", "", "", "+32\u00a02 123 45 67"), by)
    assert of.representative_phone == "+32 2 123 45 67"
    pasted = "IBAN\u00a0: " + IBAN.replace(" ", "\u202f") + "\ufeff"
    save(of, Bank(pasted, "PSST\u2011FRPP", ""), by)
    assert (of.iban, of.bic) == (IBAN.replace(" ", ""), "PSSTFRPP")
    siret = "784\u00a0671\u202f695\u200b 000\u201187"
    rna, website = "W\u00a0922\u2011001\u200b234", "\u00a0exemple.fr"
    save(of, Identity(of.name, of.nature, siret, rna, website=website), by)
    assert (of.siret, of.rna) == ("78467169500087", "W922001234")
    assert of.website == "https://exemple.fr"
    assert [each.id for each in search(siret)] == [of.id]
