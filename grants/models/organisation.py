"""Organisations that ask for money, what is kept of them, and who acts for them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from grants.models.base import At, Entity, Euros, Instant, Name, Words, folded, now, one_of, unique_where
from grants.models.people import MemberRole, Nature, User
from grants.names import fold


class Organisation(Entity):
    """A bearer. `siret` is shared by a commune's services, so it is not unique (rules, words).

    `home_contract_id` is the contract whose import named it: names are told apart within it.
    """

    __tablename__ = "organisations"

    name: Mapped[Name]
    name_key: Mapped[Words] = mapped_column(index=True, default=folded("name"))
    nature: Mapped[Nature] = mapped_column(one_of(Nature, "nature"))
    siret: Mapped[str | None] = mapped_column(String(14), index=True)
    rna: Mapped[str | None] = mapped_column(String(10))
    home_contract_id: Mapped[int | None] = mapped_column(ForeignKey("contracts.id"))
    address: Mapped[Words] = mapped_column(default="")
    representative_name: Mapped[Name] = mapped_column(default="")
    representative_role: Mapped[Name] = mapped_column(default="")
    email: Mapped[Name] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    source: Mapped[Words] = mapped_column(default="")
    # Cerfa 12156*06, parts 1 to 3: kept from year to year and only confirmed (CRPA L113-12).
    acronym: Mapped[str] = mapped_column(String(60), default="")
    website: Mapped[Name] = mapped_column(default="")
    mail_address: Mapped[Words] = mapped_column(default="")
    representative_email: Mapped[Name] = mapped_column(default="")
    representative_phone: Mapped[str] = mapped_column(String(30), default="")
    agreements: Mapped[Words] = mapped_column(default="")
    federation: Mapped[Name] = mapped_column(default="")
    public_utility: Mapped[bool | None]
    jo_published_on: Mapped[date | None]
    commercial_taxes: Mapped[bool | None]
    # Public aid over three years above 500 000 euros (the Cerfa's sworn statement).
    large_public_aid: Mapped[bool | None]
    members_count: Mapped[int | None]
    volunteers: Mapped[int | None]
    employees: Mapped[int | None]
    employees_fte: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    iban: Mapped[str] = mapped_column(String(34), default="")
    bic: Mapped[str] = mapped_column(String(11), default="")
    account_holder: Mapped[Name] = mapped_column(default="")
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[At] = mapped_column(default=now)
    version: Mapped[int] = mapped_column(default=1)

    memberships: Mapped[list[Membership]] = relationship(back_populates="organisation")

    @validates("name")
    def _keep_name_key(self, _field: str, value: str) -> str:
        self.name_key = fold(value)
        return value

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
    __table_args__ = (
        unique_where("home_contract_id IS NOT NULL", "uq_organisations_home_name", "home_contract_id", "name_key"),
    )


class Merge(Entity):
    """Two rows that were the same organisation: the one that is gone stays, for what is past names it. `moved`: by
    table, the rows that hung on it, and whose places changed; `filled`: fields that the kept one has from it."""

    __tablename__ = "merges"

    kept_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    gone_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), unique=True)
    at: Mapped[At] = mapped_column(default=now)
    moved: Mapped[dict[str, list[int]]] = mapped_column(JSON)
    filled: Mapped[list[str]] = mapped_column(JSON)

    kept: Mapped[Organisation] = relationship(foreign_keys=[kept_id])
    gone: Mapped[Organisation] = relationship(foreign_keys=[gone_id])

    __table_args__ = (CheckConstraint("kept_id <> gone_id", name="two_of_them"),)


class Membership(Entity):
    """A person's place in an organisation; nothing of it is visible before `approved_at`."""

    __tablename__ = "memberships"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    role: Mapped[MemberRole] = mapped_column(one_of(MemberRole, "role"))
    requested_at: Mapped[At] = mapped_column(default=now)
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    user: Mapped[User] = relationship(back_populates="memberships", foreign_keys=[user_id])
    organisation: Mapped[Organisation] = relationship(back_populates="memberships")

    __table_args__ = (
        Index("uq_memberships_user_organisation", "user_id", "organisation_id", unique=True),
        Index("ix_memberships_organisation", "organisation_id"),
    )


class OrganisationBudgetLine(Entity):
    """A line of the organisation's own budget of a year (Cerfa 12156*06, part 4); euros."""

    __tablename__ = "organisation_budget_lines"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    year: Mapped[int]
    account: Mapped[str] = mapped_column(String(10))
    amount: Mapped[Euros]

    __table_args__ = (
        UniqueConstraint("organisation_id", "year", "account"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
    )


class Invitation(Entity):
    """A link by e-mail to join an organisation with a role; only its token's hash is kept."""

    __tablename__ = "invitations"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[MemberRole] = mapped_column(one_of(MemberRole, "role"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    invited_at: Mapped[At] = mapped_column(default=now)
    expires_at: Mapped[At]
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    organisation: Mapped[Organisation] = relationship()
    invited_by: Mapped[User] = relationship(foreign_keys=[invited_by_id])
