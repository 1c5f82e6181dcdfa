"""A dossier as it was sent, read from what `frozen` has kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from grants.database import db
from grants.domain.chart_of_accounts import Totals, is_in_kind, totals
from grants.domain.dossier.budget import figures_of
from grants.domain.dossier.drafts import Section
from grants.domain.dossier.frozen import Chapter, copied
from grants.models import OtherFunding, PieceRequest, Project, Side, Submission
from grants.words import word


@dataclass(frozen=True)
class SentLine:
    """A budget line as it was sent; euros."""

    side: Side
    account: str
    name: str
    amount: Decimal
    ordinary_law: bool
    other_funding: OtherFunding | None

    @property
    def in_kind(self) -> bool:
        return is_in_kind(self.account)

    @property
    def notes(self) -> str:
        """Where money from elsewhere stands, and whether it is of ordinary law."""
        status = [word(self.other_funding)] if self.other_funding else []
        return ", ".join([*status, *(["droit commun"] if self.ordinary_law else [])])


@dataclass(frozen=True)
class Sent:
    """A dossier as it was sent, to read."""

    at: datetime
    sha256: str
    content: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        """`reference`, `title`, `contract`, `campaign`, `year`, `by`, `documents` ..."""
        try:
            return self.content[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def chapters(self) -> list[Chapter]:
        return [
            Chapter(section, title, tuple((label, text) for label, text in answers))
            for section, title, answers in self.content["chapters"]
        ]

    @property
    def organisation(self) -> dict[str, str]:
        return dict(self.content["organisation"])

    @property
    def lines(self) -> list[SentLine]:
        return [
            SentLine(
                Side(line["side"]), line["account"], line["name"], Decimal(line["amount"]),
                line["ordinary_law"],
                OtherFunding(line["other_funding"]) if line["other_funding"] else None,
            )
            for line in self.content["budget"]
        ]  # fmt: skip

    @property
    def requests(self) -> list[tuple[str, Decimal]]:
        """Funder and euros asked of it."""
        return [(funder, Decimal(amount)) for funder, amount in self.content["requests"]]

    @property
    def sums(self) -> Totals:
        return totals(self.lines, sum((amount for _, amount in self.requests), Decimal(0)))

    def sworn_at(self, what: str = "sworn_at") -> datetime | None:
        """When the statement was made (`commitment_at`: the contrat d'engagement républicain)."""
        at = self.content["sworn"].get(what)
        return datetime.fromisoformat(at) if at else None


def sent_of(project: Project) -> Sent | None:
    """Nothing for a dossier that was not deposited here (a draft, an import, one typed by the
    coordinator)."""
    row = db.session.execute(
        select(Submission.at, Submission.sha256, Submission.content).where(
            Submission.project_id == project.id
        )
    ).first()
    return Sent(row.at, row.sha256, row.content) if row else None


def as_it_stands(project: Project) -> Sent:
    """A dossier that was not deposited here, read from what is recorded of it now; nothing
    proves it, so it has no fingerprint."""
    content = copied(project, figures_of(project), by=project.created_by)
    at = project.submitted_at or project.created_at
    return Sent(at, "", content | {"reference": project.reference})


def reopened(project: Project) -> list[Section]:
    """The pages that were asked for again since: what they say now stands beside what was sent."""
    asked = db.session.scalars(
        select(PieceRequest.sections).where(PieceRequest.project_id == project.id)
    )
    again = {section for sections in asked for section in sections}
    if project.sworn_at and project.submitted_at and project.sworn_at > project.submitted_at:
        again.add(Section.STATEMENTS)
    return [section for section in Section if section in again]
