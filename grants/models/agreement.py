"""Agreements over several years (CPO): a bearer's actions, and what each funder has promised them a year."""

from __future__ import annotations

from datetime import date

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    exists,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from grants.models.base import Entity, Euros, Name, Words
from grants.models.contract import Contract, Funder, Theme
from grants.models.organisation import Organisation


class Agreement(Entity):
    """`signed_on`: from then on it binds, and its amounts change by amendments alone."""

    __tablename__ = "agreements"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    title: Mapped[Name]
    number: Mapped[str] = mapped_column(String(80), default="")
    first_year: Mapped[int]
    last_year: Mapped[int]
    signed_on: Mapped[date | None]
    archived: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    contract: Mapped[Contract] = relationship()
    organisation: Mapped[Organisation] = relationship()
    actions: Mapped[list[AgreementAction]] = relationship(back_populates="agreement", order_by="AgreementAction.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
    __table_args__ = (
        UniqueConstraint("id", "contract_id"),
        CheckConstraint("last_year >= first_year", name="years_in_order"),
        Index("ix_agreements_contract", "contract_id", "first_year"),
    )

    @property
    def years(self) -> list[int]:
        return list(range(self.first_year, self.last_year + 1))

    @property
    def called(self) -> str:
        """Its title, and its number where it has one."""
        return f"{self.title} ({self.number})" if self.number else self.title


class AgreementAction(Entity):
    """One of its actions. `call_kind`: the kind of call whose money pays for it each year."""

    __tablename__ = "agreement_actions"

    agreement_id: Mapped[int] = mapped_column(index=True)
    contract_id: Mapped[int]
    title: Mapped[Name]
    call_kind: Mapped[str] = mapped_column(String(80))
    theme_id: Mapped[int]
    commune_id: Mapped[int | None] = mapped_column(ForeignKey("communes.id"))

    agreement: Mapped[Agreement] = relationship(back_populates="actions")
    theme: Mapped[Theme] = relationship(overlaps="actions,agreement")

    __table_args__ = (
        UniqueConstraint("id", "contract_id"),
        ForeignKeyConstraint(["agreement_id", "contract_id"], ["agreements.id", "agreements.contract_id"]),
        ForeignKeyConstraint(["theme_id", "contract_id"], ["themes.id", "themes.contract_id"]),
    )


class AgreementAmount(Entity):
    """Euros of one funder for one action and year: `expected` in all, of which `firm`. `amendment`: nought as signed,
    then the rank of the action's amendment that wrote it, for a `reason`; the latest is in force."""

    __tablename__ = "agreement_amounts"

    action_id: Mapped[int]
    contract_id: Mapped[int]
    funder_id: Mapped[int]
    year: Mapped[int]
    amendment: Mapped[int] = mapped_column(default=0)
    firm: Mapped[Euros]
    expected: Mapped[Euros]
    reason: Mapped[Words] = mapped_column(default="")

    funder: Mapped[Funder] = relationship()

    __table_args__ = (
        UniqueConstraint("action_id", "funder_id", "year", "amendment"),
        ForeignKeyConstraint(["action_id", "contract_id"], ["agreement_actions.id", "agreement_actions.contract_id"]),
        ForeignKeyConstraint(["funder_id", "contract_id"], ["funders.id", "funders.contract_id"]),
        CheckConstraint("firm >= 0 AND firm <= expected", name="firm_within_expected"),
        CheckConstraint("amendment >= 0", name="amendment_is_a_rank"),
    )


_later = aliased(AgreementAmount)
# What no later amendment has replaced.
IN_FORCE: ColumnElement[bool] = ~exists().where(
    _later.action_id == AgreementAmount.action_id,
    _later.funder_id == AgreementAmount.funder_id,
    _later.year == AgreementAmount.year,
    _later.amendment > AgreementAmount.amendment,
)
