"""A dossier as it was sent, read from what `frozen` has kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from grants.database import db
from grants.domain.chart_of_accounts import BudgetTotals, is_in_kind, totals
from grants.domain.dossier.budget import figures_of
from grants.domain.dossier.drafts import Section
from grants.domain.dossier.frozen import Chapter, copied
from grants.french import euros
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
class SentDossier:
    """A dossier as it was sent, to read. `number`: its first deposit is 1, each correction one
    more."""

    at: datetime
    sha256: str
    content: dict[str, Any]
    number: int = 1

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
                Side(line["side"]),
                line["account"],
                line["name"],
                Decimal(line["amount"]),
                line["ordinary_law"],
                OtherFunding(line["other_funding"]) if line["other_funding"] else None,
            )
            for line in self.content["budget"]
        ]

    @property
    def requests(self) -> list[tuple[str, Decimal]]:
        """Funder and euros asked of it."""
        return [(funder, Decimal(amount)) for funder, amount in self.content["requests"]]

    @property
    def sums(self) -> BudgetTotals:
        return totals(self.lines, sum((amount for _, amount in self.requests), Decimal(0)))

    def texts(self) -> dict[tuple[str, str], str]:
        """All that it says, by page and label; what has one label stands together."""
        texts = [
            *(("Organisation", label, text) for label, text in self.organisation.items()),
            *((each.title, *answer) for each in self.chapters for answer in each.answers),
            *(
                (word(line.side).capitalize(), line.name, " ".join(filter(None, [euros(line.amount), line.notes])))
                for line in self.lines
            ),
            *(("Montants demandés", funder, euros(amount)) for funder, amount in self.requests),
            *(("Pièces", each["label"], each["filename"]) for each in self.documents),
        ]
        joined: dict[tuple[str, str], str] = {}
        for section, label, text in texts:
            joined[section, label] = "\n".join(filter(None, [joined.get((section, label)), text]))
        return joined

    def sworn_at(self, what: str = "sworn_at") -> datetime | None:
        """When the statement was made (`commitment_at`: the contrat d'engagement républicain)."""
        at = self.content["sworn"].get(what)
        return datetime.fromisoformat(at) if at else None


def deposits_of(project: Project) -> list[SentDossier]:
    """From the first deposit to its last correction. None of a dossier that was not deposited
    here (a draft, an import, one typed by the coordinator)."""
    rows = db.session.execute(
        select(Submission.at, Submission.sha256, Submission.content)
        .where(Submission.project_id == project.id)
        .order_by(Submission.id)
    )
    return [SentDossier(row.at, row.sha256, row.content, n) for n, row in enumerate(rows, 1)]


def sent_of(project: Project) -> SentDossier | None:
    """The last deposit, which is the one that counts; one query, which reads it alone."""
    row = db.session.execute(
        select(Submission.at, Submission.sha256, Submission.content, func.count().over())
        .where(Submission.project_id == project.id)
        .order_by(Submission.id.desc())
        .limit(1)
    ).one_or_none()
    return SentDossier(*row) if row else None


def as_it_stands(project: Project) -> SentDossier:
    """A dossier that was not deposited here, read from what is recorded of it now; nothing
    proves it, so it has no fingerprint."""
    content = copied(project, figures_of(project), by=project.created_by)
    at = project.submitted_at or project.created_at
    return SentDossier(at, "", content | {"reference": project.reference})


@dataclass(frozen=True)
class Changed:
    """What two deposits say otherwise; empty where one of them says nothing."""

    section: str
    label: str
    before: str
    after: str


def changes(before: SentDossier, after: SentDossier) -> list[Changed]:
    """In the order of the pages."""
    old, new = before.texts(), after.texts()
    return [
        Changed(*key, old.get(key, ""), new.get(key, ""))
        for key in dict.fromkeys([*new, *old])
        if old.get(key, "") != new.get(key, "")
    ]


def reopened(project: Project, sent: SentDossier | None) -> list[Section]:
    """The pages that were asked for again since: what they say now stands beside what was sent."""
    asked = db.session.scalars(select(PieceRequest.sections).where(PieceRequest.project_id == project.id))
    again = {section for sections in asked for section in sections}
    if project.sworn_at and sent and project.sworn_at > sent.at:
        again.add(Section.STATEMENTS)
    return [section for section in Section if section in again]
