"""Whose service this is: one row for the whole installation, none before it is first written."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.models.base import Entity, Name, Words
from grants.models.document import Document


class SiteIdentity(Entity):
    """The commune or EPCI, and the service that people write to or phone.

    `accent`: `#rrggbb`; `logo`: a PNG of ours; `notices`: what the administrator writes for the
    legal pages, by kind (`domain.contract.notices`).
    """

    __tablename__ = "identities"

    name: Mapped[Name]
    service: Mapped[Name]
    accent: Mapped[str] = mapped_column(String(7))
    address: Mapped[Words]
    phone: Mapped[str] = mapped_column(String(60))
    email: Mapped[Name]
    website: Mapped[Name]
    notices: Mapped[dict[str, str]] = mapped_column(JSON)
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))

    logo: Mapped[Document | None] = relationship(lazy="joined")

    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    @property
    def logo_version(self) -> str:
        """Of its address, which never names another picture; empty where there is none."""
        return self.logo.sha256[:16] if self.logo else ""

    @property
    def reachable(self) -> bool:
        """As a receipt has to say (CRPA R112-11-1)."""
        return bool(self.address and self.phone)

    @property
    def contact(self) -> str:
        """The service and how it is reached, a line each; empty where nothing is known."""
        who = ", ".join(filter(None, (self.service, self.name)))
        return "\n".join(filter(None, (who, self.address, ", ".join(filter(None, (self.number, self.email))))))

    @property
    def number(self) -> str:
        """Its telephone, which no line breaks."""
        return self.phone.replace(" ", "\N{NO-BREAK SPACE}")
