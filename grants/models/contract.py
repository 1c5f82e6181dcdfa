"""A contrat de ville: its theme tree, territory, institutions and their funders."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.models.base import Base, Entity, Name, Words, unique_where


class Contract(Entity):
    """Several years, one territory. `level_names` name the depths of its theme tree."""

    __tablename__ = "contracts"

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    label: Mapped[Name]
    start_year: Mapped[int]
    end_year: Mapped[int]
    level_names: Mapped[list[str]] = mapped_column(JSON)
    priority_area: Mapped[Name] = mapped_column(default="")
    # CRPA R112-11-1: the receipt names the service in charge and the ways of appeal.
    service_text: Mapped[Words] = mapped_column(default="")
    appeal_text: Mapped[Words] = mapped_column(default="")

    themes: Mapped[list[Theme]] = relationship(order_by="Theme.position")
    communes: Mapped[list[Commune]] = relationship(order_by="Commune.position")
    zones: Mapped[list[Zone]] = relationship(order_by="Zone.position")
    cross_themes: Mapped[list[CrossTheme]] = relationship(order_by="CrossTheme.position")
    institutions: Mapped[list[Institution]] = relationship(order_by="Institution.position")

    __table_args__ = (CheckConstraint("end_year >= start_year", name="years_in_order"),)

    @property
    def named_communes(self) -> list[Commune]:
        """Its communes, in order, where it has several: nobody is asked which one it is of one."""
        return self.communes if len(self.communes) > 1 else []


class Theme(Entity):
    """A node of the tree; `depth` is the level it names, so a level may be skipped.

    `call_kind`: the kind of call that it is reserved for. `position`: order in the whole tree
    (parents before their children).
    """

    __tablename__ = "themes"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    parent_id: Mapped[int | None]
    depth: Mapped[int]
    number: Mapped[int | None]
    label: Mapped[Words]
    call_kind: Mapped[str | None] = mapped_column(String(80))
    position: Mapped[int]
    archived: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        UniqueConstraint("id", "contract_id"),
        ForeignKeyConstraint(["parent_id", "contract_id"], ["themes.id", "themes.contract_id"]),
        CheckConstraint("depth >= 0", name="depth_is_a_level"),
        CheckConstraint("(depth = 0) = (parent_id IS NULL)", name="root_has_no_parent"),
        Index("ix_themes_contract", "contract_id", "position"),
    )


class Commune(Entity):
    """One of those of a contract that has several; `insee`: its code."""

    __tablename__ = "communes"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    insee: Mapped[str] = mapped_column(String(5))
    label: Mapped[Name]
    position: Mapped[int]

    __table_args__ = (UniqueConstraint("contract_id", "insee"),)


class Zone(Entity):
    """A part of the priority area, or "hors QPV", which may be of no one commune. `code`: of the State's
    list (`QN05701M`)."""

    __tablename__ = "zones"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    commune_id: Mapped[int | None] = mapped_column(ForeignKey("communes.id"))
    label: Mapped[Name]
    code: Mapped[str | None] = mapped_column(String(8))
    priority: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int]
    archived: Mapped[bool] = mapped_column(default=False)

    commune: Mapped[Commune | None] = relationship()

    __table_args__ = (
        UniqueConstraint("contract_id", "commune_id", "label"),
        unique_where("commune_id IS NULL", "uq_zones_of_no_commune", "contract_id", "label"),
    )


class CrossTheme(Entity):
    """A cross-cutting theme (youth, women/men equality, fight against discrimination)."""

    __tablename__ = "cross_themes"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    label: Mapped[Name]
    position: Mapped[int]
    archived: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (UniqueConstraint("contract_id", "label"),)


class Institution(Entity):
    """État, Ville, Département ... `outside`: has no instructor here; `delegates`: the
    coordinator types its columns on its behalf (always so when outside)."""

    __tablename__ = "institutions"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    label: Mapped[Name]
    outside: Mapped[bool] = mapped_column(default=False)
    delegates: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int]

    funders: Mapped[list[Funder]] = relationship(back_populates="institution", order_by="Funder.position")

    __table_args__ = (
        UniqueConstraint("contract_id", "label"),
        UniqueConstraint("id", "contract_id"),
        CheckConstraint("delegates OR NOT outside", name="outside_delegates"),
    )


class Funder(Entity):
    """A line of credit: a column of the table. CGET, PRE, VVV are three of the État's. `commune_id`:
    it finances the dossiers of this commune alone."""

    __tablename__ = "funders"

    contract_id: Mapped[int]
    institution_id: Mapped[int]
    commune_id: Mapped[int | None] = mapped_column(ForeignKey("communes.id"))
    code: Mapped[str] = mapped_column(String(20))
    label: Mapped[Name]
    position: Mapped[int]
    archived: Mapped[bool] = mapped_column(default=False)

    institution: Mapped[Institution] = relationship(back_populates="funders")
    commune: Mapped[Commune | None] = relationship()

    __table_args__ = (
        ForeignKeyConstraint(["institution_id", "contract_id"], ["institutions.id", "institutions.contract_id"]),
        UniqueConstraint("contract_id", "code"),
        UniqueConstraint("id", "contract_id"),
    )


class Setting(Base):
    """A setting of the whole instance (`demonstration`: the band that every page shows)."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[Words]


class FiguresVersion(Base):
    """One row, whose number changes with each transaction that writes what figures are made of
    (`database.py`): while it stays, so do they."""

    __tablename__ = "figures_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
