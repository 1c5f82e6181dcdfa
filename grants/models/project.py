"""The project: one action in one campaign, its budget and the opinions on it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from grants.models.agreement import AgreementAction
from grants.models.base import At, Base, Entity, Euros, Instant, Money, Name, Words, folded, now, one_of
from grants.models.campaign import Campaign
from grants.models.contract import Commune, CrossTheme, Theme, Zone
from grants.models.organisation import Organisation
from grants.models.people import User
from grants.names import fold


class State(StrEnum):
    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    INCOMPLETE = "INCOMPLETE"
    ADMISSIBLE = "ADMISSIBLE"
    INADMISSIBLE = "INADMISSIBLE"
    WITHDRAWN = "WITHDRAWN"
    CLOSED = "CLOSED"


# States whose money does not count against an envelope (rules 4).
NOT_COUNTING = (State.WITHDRAWN, State.INADMISSIBLE)
# On what may be proposed and decided (rules 3).
DECIDABLE = (State.ADMISSIBLE,)
# States in which the institutions see the project: all but the draft.
DEPOSITED = tuple(s for s in State if s is not State.DRAFT)


class Kind(StrEnum):
    NEW = "NEW"
    RENEWAL = "RENEWAL"
    MULTIYEAR = "MULTIYEAR"


class Provenance(StrEnum):
    TYPED = "TYPED"
    IMPORTED = "IMPORTED"


class Side(StrEnum):
    EXPENSE = "EXPENSE"
    INCOME = "INCOME"


class OtherFunding(StrEnum):
    ASKED = "ASKED"
    OBTAINED = "OBTAINED"
    REFUSED = "REFUSED"


class Judgement(StrEnum):
    FAVOURABLE = "FAVOURABLE"
    RESERVED = "RESERVED"
    UNFAVOURABLE = "UNFAVOURABLE"


project_zones = Table(
    "project_zones",
    Base.metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("zone_id", ForeignKey("zones.id"), primary_key=True),
)
project_communes = Table(
    "project_communes",
    Base.metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("commune_id", ForeignKey("communes.id"), primary_key=True),
)
project_cross_themes = Table(
    "project_cross_themes",
    Base.metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("cross_theme_id", ForeignKey("cross_themes.id"), primary_key=True),
)


class Project(Entity):
    """One dossier. `contract_id` and `year` repeat its campaign's (a foreign key proves it), so
    that lists of a contract's year read one index.

    `total_cost`: euros, without in-kind classes 86/87; typed on imports, computed on dossiers.
    `copy_of_id`: the dossier of this call that it corrects, or begins again.
    `applicant_theme_id`: where the applicant put it; `theme_id`: where it is classified.
    `commune_id`: the main one, where the contract has several; sums use it.
    `agreement_action_id`: the action of an agreement whose slice of this year it is.
    """

    __tablename__ = "projects"

    campaign_id: Mapped[int]
    contract_id: Mapped[int]
    year: Mapped[int]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    reference: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[State] = mapped_column(one_of(State, "state"), default=State.DRAFT)
    state_reason: Mapped[Words] = mapped_column(default="")
    pieces_due_on: Mapped[date | None]
    title: Mapped[Name] = mapped_column(default="")
    title_key: Mapped[Words] = mapped_column(default=folded("title"))
    kind: Mapped[Kind] = mapped_column(one_of(Kind, "kind"), default=Kind.NEW)
    year_of: Mapped[int | None]
    years_total: Mapped[int | None]
    predecessor_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    copy_of_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    theme_id: Mapped[int | None]
    applicant_theme_id: Mapped[int | None]
    commune_id: Mapped[int | None] = mapped_column(ForeignKey("communes.id"))
    agreement_action_id: Mapped[int | None] = mapped_column(ForeignKey("agreement_actions.id"))
    provenance: Mapped[Provenance] = mapped_column(one_of(Provenance, "provenance"), default=Provenance.TYPED)
    # What of an imported or demonstration line is published, split or fictitious.
    source_note: Mapped[Words] = mapped_column(default="")

    objectives: Mapped[Words] = mapped_column(default="")
    description: Mapped[Words] = mapped_column(default="")
    audience: Mapped[Words] = mapped_column(default="")
    beneficiaries: Mapped[int | None]
    beneficiaries_qpv: Mapped[int | None]
    place: Mapped[Words] = mapped_column(default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    schedule: Mapped[Words] = mapped_column(default="")
    means: Mapped[Words] = mapped_column(default="")
    evaluation: Mapped[Words] = mapped_column(default="")
    # The table of people of the Cerfa: {"volunteers": {"count": 3, "fte": "0.5"}, ...}.
    staff: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    in_charge_name: Mapped[Name] = mapped_column(default="")
    in_charge_email: Mapped[Name] = mapped_column(default="")
    in_charge_phone: Mapped[str] = mapped_column(String(30), default="")
    # Answers to the call's own questions, by the question's id as text.
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    total_cost: Mapped[Decimal | None] = mapped_column(Money)

    organisation_confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    # Décret 2021-1947 (contrat d'engagement républicain) and the Cerfa's sworn statement.
    commitment_at: Mapped[datetime | None] = mapped_column(Instant)
    sworn_at: Mapped[datetime | None] = mapped_column(Instant)
    sworn_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    created_at: Mapped[At] = mapped_column(default=now)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    saved_at: Mapped[At] = mapped_column(default=now)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    # Typed by the coordinator for a dossier that came by e-mail or on paper.
    received_on: Mapped[date | None]
    received_by: Mapped[Name] = mapped_column(default="")
    # Sections copied from the predecessor that nobody has read over yet.
    to_review: Mapped[list[str]] = mapped_column(JSON, default=list)
    version: Mapped[int] = mapped_column(default=1)

    campaign: Mapped[Campaign] = relationship()
    organisation: Mapped[Organisation] = relationship()
    theme: Mapped[Theme | None] = relationship(foreign_keys="[Project.theme_id, Project.contract_id]", viewonly=True)
    applicant_theme: Mapped[Theme | None] = relationship(
        foreign_keys="[Project.applicant_theme_id, Project.contract_id]", viewonly=True
    )
    predecessor: Mapped[Project | None] = relationship(foreign_keys=[predecessor_id], remote_side="Project.id")
    copy_of: Mapped[Project | None] = relationship(foreign_keys=[copy_of_id], remote_side="Project.id")
    agreement_action: Mapped[AgreementAction | None] = relationship()
    sworn_by: Mapped[User | None] = relationship(foreign_keys=[sworn_by_id])
    created_by: Mapped[User] = relationship(foreign_keys=[created_by_id])
    zones: Mapped[list[Zone]] = relationship(secondary=project_zones, order_by="Zone.position")
    commune: Mapped[Commune | None] = relationship()
    other_communes: Mapped[list[Commune]] = relationship(secondary=project_communes, order_by="Commune.position")
    cross_themes: Mapped[list[CrossTheme]] = relationship(
        secondary=project_cross_themes, order_by="CrossTheme.position"
    )
    budget: Mapped[list[BudgetLine]] = relationship(
        back_populates="project", order_by="BudgetLine.position", cascade="all, delete-orphan"
    )

    @property
    def corrects(self) -> Project | None:
        """The dossier whose place this draft takes once deposited: one that was withdrawn or refused
        keeps its own, and its copy becomes another dossier."""
        return None if self.copy_of is None or self.copy_of.state in NOT_COUNTING else self.copy_of

    @property
    def communes_beside(self) -> list[Commune]:
        """The others that it names, where its contract has several: of most nothing is asked."""
        return self.other_communes if self.campaign.contract.named_communes else []

    @validates("title")
    def _keep_title_key(self, _field: str, value: str) -> str:
        self.title_key = fold(value)
        return value

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
    __table_args__ = (
        ForeignKeyConstraint(
            ["campaign_id", "contract_id", "year"], ["campaigns.id", "campaigns.contract_id", "campaigns.year"]
        ),
        ForeignKeyConstraint(["theme_id", "contract_id"], ["themes.id", "themes.contract_id"]),
        ForeignKeyConstraint(["applicant_theme_id", "contract_id"], ["themes.id", "themes.contract_id"]),
        UniqueConstraint("id", "campaign_id"),
        UniqueConstraint("contract_id", "reference"),
        CheckConstraint("total_cost >= 0", name="total_cost_not_negative"),
        CheckConstraint("beneficiaries >= 0", name="beneficiaries_not_negative"),
        CheckConstraint("beneficiaries_qpv <= beneficiaries", name="qpv_within_beneficiaries"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_it_starts"),
        CheckConstraint("predecessor_id <> id", name="not_its_own_predecessor"),
        CheckConstraint(
            "state IN ('DRAFT', 'WITHDRAWN') OR (reference IS NOT NULL"
            " AND submitted_at IS NOT NULL AND theme_id IS NOT NULL AND title <> '')",
            name="deposited_is_whole",
        ),
        CheckConstraint("state NOT IN ('INADMISSIBLE', 'INCOMPLETE') OR state_reason <> ''", name="refusal_has_reason"),
        CheckConstraint(
            "(kind = 'MULTIYEAR') = (year_of IS NOT NULL AND years_total IS NOT NULL)", name="multiyear_says_which_year"
        ),
        CheckConstraint("year_of BETWEEN 1 AND years_total", name="year_of_within_total"),
        Index("ix_projects_contract_year", "contract_id", "year", "reference"),
        Index("ix_projects_campaign", "campaign_id", "state"),
        Index("ix_projects_theme", "theme_id"),
        Index("uq_projects_agreement_action", "agreement_action_id", "year", unique=True),
    )


class BudgetLine(Entity):
    """A line of the financing plan, by account of the Cerfa 12156*06 (whole life of a dossier).

    `other_funding`: for income asked from outside the call, where it stands.
    """

    __tablename__ = "budget_lines"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    side: Mapped[Side] = mapped_column(one_of(Side, "side"))
    account: Mapped[str] = mapped_column(String(10))
    label: Mapped[Name] = mapped_column(default="")
    amount: Mapped[Euros]
    # Money of ordinary law (droit commun), as opposed to the politique de la ville's own.
    ordinary_law: Mapped[bool] = mapped_column(default=False)
    other_funding: Mapped[OtherFunding | None] = mapped_column(one_of(OtherFunding, "other_funding"))
    position: Mapped[int] = mapped_column(default=0)

    project: Mapped[Project] = relationship(back_populates="budget")

    __table_args__ = (CheckConstraint("amount >= 0", name="amount_not_negative"),)


class Opinion(Entity):
    """What an instructor or a committee thinks of a project; never shown to applicants."""

    __tablename__ = "opinions"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    body: Mapped[Name]
    judgement: Mapped[Judgement] = mapped_column(one_of(Judgement, "judgement"))
    remark: Mapped[Words] = mapped_column(default="")
    at: Mapped[At] = mapped_column(default=now)

    by: Mapped[User] = relationship()
