"""People, what they may do, and the organisations that they act for."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from grants.models.base import At, Entity, Instant, Name, Words, folded, now, one_of, unique_where
from grants.models.contract import Commune, Contract, Institution
from grants.names import fold

if TYPE_CHECKING:
    from grants.models.organisation import Membership


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


# Addresses of accounts that are nobody's: of imports, and closed for good.
NOBODYS = "@grants.invalid"
PUBLIC_BODIES = (Nature.MUNICIPAL_SERVICE, Nature.PUBLIC_BODY)


class User(Entity):
    """A person who signs in. `password_hash` is empty until they have chosen one."""

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[Name]
    search_key: Mapped[Words] = mapped_column(default=folded("name", "email"))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[At] = mapped_column(default=now)
    email_confirmed_at: Mapped[datetime | None] = mapped_column(Instant)

    roles: Mapped[list[RoleGrant]] = relationship(back_populates="user", foreign_keys="RoleGrant.user_id")
    # None in an organisation that was merged into another: nobody acts for it.
    memberships: Mapped[list[Membership]] = relationship(
        back_populates="user",
        foreign_keys="Membership.user_id",
        primaryjoin="and_(User.id == Membership.user_id, Membership.organisation_id.not_in(select(Merge.gone_id)))",
    )

    __table_args__ = (CheckConstraint("email = lower(email)", name="email_is_lower_case"),)

    @validates("name", "email")
    def _keep_search_key(self, field: str, value: str) -> str:
        both = {"name": self.name, "email": self.email, field: value}
        self.search_key = fold(" ".join(filter(None, both.values())))
        return value

    # What flask-login asks of an account.
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return self.active

    @property
    def is_nobodys(self) -> bool:
        return self.email.endswith(NOBODYS)

    @property
    def contracts(self) -> list[Contract]:
        """Those in which the person has a role, each once."""
        by_id = {g.contract.id: g.contract for g in self.roles if g.contract}
        return list(by_id.values())

    def get_id(self) -> str:
        """For flask-login, within the request that signs in; then `sessions` knows whose it is."""
        return str(self.id)


class UserSession(Entity):
    """A person's sign-in on one device (`label`: in words); `token_hash` is empty once they have
    signed out. `proved_at`: when they last showed that it is them."""

    __tablename__ = "sessions"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    device_hash: Mapped[str] = mapped_column(String(64))
    label: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    opened_at: Mapped[At] = mapped_column(default=now)
    proved_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (UniqueConstraint("user_id", "device_hash"),)


class FactorKind(StrEnum):
    TOTP = "TOTP"
    PASSKEY = "PASSKEY"


class SecondFactor(Entity):
    """What a person shows beside the password. `secret`: of an application that makes codes, sealed; of a
    passkey, its public key, and `credential` its name. `counter`: the period of the last code, or how often the
    passkey says that it was used; it only rises."""

    __tablename__ = "second_factors"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    kind: Mapped[FactorKind] = mapped_column(one_of(FactorKind, "kind"))
    label: Mapped[str] = mapped_column(String(60))
    secret: Mapped[Words]
    credential: Mapped[Words] = mapped_column(default="")
    counter: Mapped[int] = mapped_column(BigInteger, default=0)
    added_at: Mapped[At] = mapped_column(default=now)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class RecoveryCode(Entity):
    """Takes the place of a lost second factor, once; only its hash is kept."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class RoleGrant(Entity):
    """One role of one person; roles add up (rules, people). `commune_id`: of a coordinator of one
    commune alone."""

    __tablename__ = "role_grants"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    role: Mapped[Role] = mapped_column(one_of(Role, "role"))
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contracts.id"))
    institution_id: Mapped[int | None]
    commune_id: Mapped[int | None] = mapped_column(ForeignKey("communes.id"))
    granted_at: Mapped[At] = mapped_column(default=now)

    user: Mapped[User] = relationship(back_populates="roles", foreign_keys=[user_id])
    contract: Mapped[Contract | None] = relationship()
    institution: Mapped[Institution | None] = relationship(viewonly=True)
    commune: Mapped[Commune | None] = relationship()

    __table_args__ = (
        ForeignKeyConstraint(["institution_id", "contract_id"], ["institutions.id", "institutions.contract_id"]),
        CheckConstraint(
            "(role = 'ADMINISTRATOR' AND contract_id IS NULL AND institution_id IS NULL)"
            " OR (role IN ('COORDINATOR', 'COMMITTEE') AND contract_id IS NOT NULL"
            " AND institution_id IS NULL)"
            " OR (role = 'INSTRUCTOR' AND contract_id IS NOT NULL AND institution_id IS NOT NULL)",
            name="role_has_its_scope",
        ),
        unique_where("role = 'ADMINISTRATOR'", "uq_role_grants_administrator", "user_id"),
        CheckConstraint("commune_id IS NULL OR role = 'COORDINATOR'", name="commune_of_a_coordinator"),
        unique_where(
            "institution_id IS NULL AND commune_id IS NULL", "uq_role_grants_contract", "user_id", "role", "contract_id"
        ),
        unique_where("commune_id IS NOT NULL", "uq_role_grants_commune", "user_id", "commune_id"),
        unique_where("institution_id IS NOT NULL", "uq_role_grants_institution", "user_id", "institution_id"),
        Index("ix_role_grants_contract", "contract_id", "role"),
    )


class LinkPurpose(StrEnum):
    PASSWORD = "PASSWORD"  # noqa: S105 - what the link is for
    CONFIRM_EMAIL = "CONFIRM_EMAIL"


class OneTimeLink(Entity):
    """A link used once (to choose a password, to confirm an address); only the hash of its token
    is kept."""

    __tablename__ = "one_time_links"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[LinkPurpose] = mapped_column(one_of(LinkPurpose, "purpose"), default=LinkPurpose.PASSWORD)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[At]
    used_at: Mapped[datetime | None] = mapped_column(Instant)

    user: Mapped[User] = relationship(foreign_keys=[user_id])


class Attempt(Entity):
    """Something that may not be done too often (`domain.limits`), once done, by or from `key`."""

    __tablename__ = "attempts"

    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(330))
    at: Mapped[At]

    __table_args__ = (Index("ix_attempts_kind", "kind", "key", "at"),)
