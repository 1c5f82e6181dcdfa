"""Every dossier of a contract and year has a number of its own."""

from flask import Flask

from grants.domain.reference import next_reference, next_references
from tests.conftest import both
from tests.factories import contract

pytestmark = both


def test_numbers_follow_each_other_within_contract_and_year(app: Flask) -> None:
    one, other = contract(), contract()
    assert next_reference(one.id, 2021) == "2021-0001"
    assert next_references(one.id, 2021, 3) == ["2021-0002", "2021-0003", "2021-0004"]
    assert next_reference(one.id, 2021) == "2021-0005"
    assert next_reference(one.id, 2022) == "2022-0001"
    assert next_reference(other.id, 2021) == "2021-0001"
