"""The bank account that a subsidy is paid into: checked, and shown masked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from grants.domain import history
from grants.domain.organisation.profile import Details, Part
from grants.errors import DomainError
from grants.models import Organisation, User
from grants.names import compact


@dataclass(frozen=True)
class Bank(Details):
    iban: str = ""
    bic: str = ""
    account_holder: str = ""

    part: ClassVar[Part] = Part.BANK

    def columns(self, own_id: int | None) -> dict[str, Any]:
        values = super().columns(own_id)
        iban = _iban(values["iban"]) if values["iban"] else None
        bic = _bic(values["bic"]) or str((iban and iban.bic) or "")
        return values | {"iban": iban.compact if iban else "", "bic": bic}

    def write(self, organisation: Organisation, by: User) -> None:
        """History keeps the number masked: who changed the account matters there, not it."""
        for name, value in self.columns(organisation.id).items():
            old = getattr(organisation, name)
            if old == value:
                continue
            setattr(organisation, name, value)
            if name == "iban":
                old, value = masked(old), masked(value)
            history.record(organisation, "edit", by=by, field=name, old=old, new=value)


def masked(iban: str) -> str:
    """`FR76 •••• 1234`: enough to recognise an account, not to draw on it."""
    return f"{iban[:4]} •••• {iban[-4:]}" if len(iban) > 8 else ""


def _iban(typed: str) -> IBAN:
    try:
        number = compact(typed).removeprefix("IBAN")
        return IBAN(number, validate_bban=True)  # with the French national key (clé RIB)
    except SchwiftyException:
        raise DomainError(
            "Cet IBAN n'est pas valable : recopiez-le du relevé d'identité bancaire (RIB), par"
            " exemple FR14 2004 1010 0505 0001 3M02 606.",
            "iban",
        ) from None


def _bic(typed: str) -> str:
    try:
        return BIC(compact(typed).removeprefix("BIC")).compact if typed else ""
    except SchwiftyException:
        raise DomainError(
            "Ce BIC n'est pas valable : 8 ou 11 lettres et chiffres, comme PSSTFRPPXXX.", "bic"
        ) from None
