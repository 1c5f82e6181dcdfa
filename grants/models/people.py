"""People, what they may do, and the organisations that they act for."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.models.base import At, Base, Id, Instant, Name, Words, now, one_of
from grants.models.contract import Contract, Institution


class Role(StrEnum):
    COORDINATOR = "COORDINATOR"
    INSTRUCTOR = "INSTRUCTOR"
    COMMITTEE = "COMMITTEE"
    ADMINISTRATOR = "ADMINISTRATOR"


class MemberRole(StrEnum):
    EDITOR = "EDITOR"
    SIGNATORY = "SIGNATORY"


class Nature(StrEnum):
    ASSOCIATION = "ASSOCIATION"
    MUNICIPAL_SERVICE = "MUNICIPAL_SERVICE"
    PUBLIC_BODY = "PUBLIC_BODY"
    LANDLORD = "LANDLORD"
    OTHER = "OTHER"


class User(Base):
    """A person who signs in. `password_hash` is empty until they have chosen one."""

    __tablename__ = "users"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[Name]
    password_hash: Mapped[str | None] = mapped_column(String(200))
    # Raised at each change of password: open sign-ins of before end.
    sign_in_epoch: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[At] = mapped_column(default=now)

    roles: Mapped[list[RoleGrant]] = relationship(
        back_populates="user", foreign_keys="RoleGrant.user_id"
    )
    memberships: Mapped[list[Membership]] = relationship(
        back_populates="user", foreign_keys="Membership.user_id"
    )

    __table_args__ = (CheckConstraint("email = lower(email)", name="email_is_lower_case"),)

    # What flask-login asks of an account.
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return self.active

    @property
    def contracts(self) -> list[Contract]:
        """Those in which the person has a role, each once."""
        by_id = {g.contract.id: g.contract for g in self.roles if g.contract}
        return list(by_id.values())

    def get_id(self) -> str:
        return f"{self.id}.{self.sign_in_epoch}"


class RoleGrant(Base):
    """One role of one person; roles add up (rules, people)."""

    __tablename__ = "role_grants"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    role: Mapped[Role] = mapped_column(one_of(Role, "role"))
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contracts.id"))
    institution_id: Mapped[int | None]
    granted_at: Mapped[At] = mapped_column(default=now)

    user: Mapped[User] = relationship(back_populates="roles", foreign_keys=[user_id])
    contract: Mapped[Contract | None] = relationship()
    institution: Mapped[Institution | None] = relationship(viewonly=True)

    __table_args__ = (
        ForeignKeyConstraint(
            ["institution_id", "contract_id"], ["institutions.id", "institutions.contract_id"]
        ),
        CheckConstraint(
            "(role = 'ADMINISTRATOR' AND contract_id IS NULL AND institution_id IS NULL)"
            " OR (role IN ('COORDINATOR', 'COMMITTEE') AND contract_id IS NOT NULL"
            " AND institution_id IS NULL)"
            " OR (role = 'INSTRUCTOR' AND contract_id IS NOT NULL AND institution_id IS NOT NULL)",
            name="role_has_its_scope",
        ),
        Index(
            "uq_role_grants_administrator", "user_id", unique=True,
            sqlite_where=text("role = 'ADMINISTRATOR'"),
            postgresql_where=text("role = 'ADMINISTRATOR'"),
        ),
        Index(
            "uq_role_grants_contract", "user_id", "role", "contract_id", unique=True,
            sqlite_where=text("institution_id IS NULL"),
            postgresql_where=text("institution_id IS NULL"),
        ),
        Index(
            "uq_role_grants_institution", "user_id", "institution_id", unique=True,
            sqlite_where=text("institution_id IS NOT NULL"),
            postgresql_where=text("institution_id IS NOT NULL"),
        ),
        Index("ix_role_grants_contract", "contract_id", "role"),
    )  # fmt: skip


class Organisation(Base):
    """A bearer. `siret` is shared by a commune's services, so it is not unique (rules, words).

    `home_contract_id` is the contract whose import named it: names are told apart within it.
    """

    __tablename__ = "organisations"

    id: Mapped[Id]
    name: Mapped[Name]
    # The name folded for comparison (domain.importing.names.fold).
    name_key: Mapped[str] = mapped_column(String(250), index=True)
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
    created_at: Mapped[At] = mapped_column(default=now)
    version: Mapped[int] = mapped_column(default=1)

    memberships: Mapped[list[Membership]] = relationship(back_populates="organisation")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
    __table_args__ = (
        Index(
            "uq_organisations_home_name", "home_contract_id", "name_key", unique=True,
            sqlite_where=text("home_contract_id IS NOT NULL"),
            postgresql_where=text("home_contract_id IS NOT NULL"),
        ),
    )  # fmt: skip


class Membership(Base):
    """A person's place in an organisation; nothing of it is visible before `approved_at`."""

    __tablename__ = "memberships"

    id: Mapped[Id]
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


class OneTimeLink(Base):
    """A link to choose a password, used once; only the hash of its token is kept."""

    __tablename__ = "one_time_links"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[At]
    used_at: Mapped[datetime | None] = mapped_column(Instant)

    user: Mapped[User] = relationship(foreign_keys=[user_id])


class SignInAttempt(Base):
    """A failed attempt at signing in, counted per address and per account (law: CNIL 2022)."""

    __tablename__ = "sign_in_attempts"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(45))
    at: Mapped[At] = mapped_column(default=now)

    __table_args__ = (
        Index("ix_sign_in_attempts_email_at", "email", "at"),
        Index("ix_sign_in_attempts_address_at", "address", "at"),
    )
