"""The bank account that a subsidy is paid into: checked, and shown masked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException
from sqlalchemy import ColumnElement, select

from grants.database import db
from grants.domain.ledger import history
from grants.domain.mail import mail
from grants.domain.organisation.profile import Details, RecordPage
from grants.errors import DomainError
from grants.models import HistoryEntry, MemberRole, Organisation, User
from grants.names import compact


@dataclass(frozen=True)
class Bank(Details):
    iban: str = ""
    bic: str = ""
    account_holder: str = ""

    part: ClassVar[RecordPage] = RecordPage.BANK

    def columns(self, own_id: int | None) -> dict[str, Any]:
        values = super().columns(own_id)
        iban = _iban(values["iban"]) if values["iban"] else None
        bic = _bic(values["bic"]) or str((iban and iban.bic) or "")
        return values | {"iban": iban.compact if iban else "", "bic": bic}

    def masked(self) -> Bank:
        """As who does not sign for the organisation sees it."""
        return replace(self, iban=masked(self.iban))

    def changes(self, organisation: Organisation) -> bool:
        """Another number or holder than the one there is: only with the password of who changes it.

        Raises `DomainError` for what is no number, and where it is taken away."""
        new = self.columns(organisation.id)
        if organisation.iban and not new["iban"]:
            raise DomainError("Un IBAN se remplace : écrivez le nouveau, ou l'ancien.", "iban")
        kept = {name: getattr(organisation, name) for name in new}
        return bool(organisation.iban) and any(kept[name] not in ("", new[name]) for name in new)

    def write(self, organisation: Organisation, by: User) -> None:
        """History keeps the number masked: who changed the account matters there, not it. All
        signatories are told, also who did it: it may have been done in their name."""
        if self.changes(organisation):
            new = self.columns(organisation.id)
            facts = {"organisation": organisation.name, "who": by.name, "holder": new["account_holder"]}
            facts |= {"iban": masked(new["iban"]), "link": f"/organisation/{organisation.id}/banque"}
            mail.queue_all("iban_changed", mail.members(organisation, MemberRole.SIGNATORY), **facts)
        for name, value in self.columns(organisation.id).items():
            old = getattr(organisation, name)
            if old == value:
                continue
            setattr(organisation, name, value)
            if name == "iban":
                old, value = masked(old), masked(value)
            history.record(organisation, "edit", by=by, field=name, old=old, new=value)


class BankChange(NamedTuple):
    at: datetime
    by: str


def changes_of(organisation_id: Any) -> tuple[ColumnElement[bool], ...]:
    """The entries of history that replaced its number or holder; the first one typed is no change."""
    return (
        HistoryEntry.subject == Organisation.__tablename__,
        HistoryEntry.subject_id == organisation_id,
        HistoryEntry.field.in_(("iban", "bic", "account_holder")),
        HistoryEntry.old != "",
    )


def last_change(organisation: Organisation) -> BankChange | None:
    """To be told before each payment. One query."""
    found = db.session.execute(
        select(HistoryEntry.at, User.name)
        .join(User, User.id == HistoryEntry.by_id)
        .where(*changes_of(organisation.id))
        .order_by(HistoryEntry.id.desc())
        .limit(1)
    ).one_or_none()
    return BankChange(*found) if found else None


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
        return BIC(compact(typed)).compact if typed else ""
    except SchwiftyException:
        raise DomainError("Ce BIC n'est pas valable : 8 ou 11 lettres et chiffres, comme PSSTFRPPXXX.", "bic") from None
