"""What the addresses of these pages name, loaded once; `None` is a page that does not exist."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request, url_for
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from grants.database import db
from grants.models import AgreementAction, Campaign, Contract, Funder, FundingLine, Project, Question
from grants.permissions import was_deposited
from grants.queries.programming.programming import years


@dataclass(frozen=True)
class ContractYear:
    """A contract, and a year within it."""

    contract: Contract
    year: int

    @property
    def contract_id(self) -> int:
        """For the rules of `permissions`."""
        return self.contract.id


@dataclass(frozen=True)
class Year(ContractYear):
    """One that has a campaign; `years`: all that have."""

    years: list[int]


@dataclass(frozen=True)
class Cell:
    """A funder's column on a project; no line yet where it was not asked."""

    project: Project
    funder: Funder
    line: FundingLine | None


_CONTRACT = select(Contract).where(Contract.slug == bindparam("slug")).options(joinedload(Contract.communes))


def contract(slug: str) -> Contract | None:
    if "\x00" in slug:
        return None
    return db.session.scalars(_CONTRACT, {"slug": slug}).unique().one_or_none()


def place(slug: str, year: int) -> ContractYear | None:
    found = contract(slug)
    if found is None or not found.start_year <= year <= found.end_year:
        return None
    return ContractYear(found, year)


def year_of(slug: str, year: int) -> Year | None:
    found = contract(slug)
    known = years(found) if found else []
    return Year(found, year, known) if found and year in known else None


def project(project_id: int) -> Project | None:
    return db.session.scalar(
        select(Project)
        .where(Project.id == project_id)
        .options(joinedload(Project.campaign).joinedload(Campaign.contract), joinedload(Project.organisation))
    )


def whole_project(project_id: int) -> Project | None:
    """With its predecessor's answers (the sheet): one query, and one more for the questions of
    both calls where there is something to read with them."""
    project = db.session.scalar(
        select(Project)
        .where(Project.id == project_id)
        .options(
            joinedload(Project.campaign).joinedload(Campaign.contract),
            joinedload(Project.organisation),
            joinedload(Project.predecessor).options(joinedload(Project.organisation), joinedload(Project.campaign)),
            joinedload(Project.created_by),
            joinedload(Project.sworn_by),
            joinedload(Project.agreement_action).joinedload(AgreementAction.agreement),
        )
    )
    if project is not None:
        _read_questions([project, *([project.predecessor] if project.predecessor else [])])
    return project


def _read_questions(projects: list[Project]) -> None:
    calls = {project.campaign.id: project.campaign for project in projects}
    asked: dict[int, list[Question]] = {id_: [] for id_ in calls}
    if any(project.answers for project in projects) or projects[0].campaign.criteria:
        for question in db.session.scalars(
            select(Question).where(Question.campaign_id.in_(calls)).order_by(Question.campaign_id, Question.position)
        ):
            asked[question.campaign_id].append(question)
        for id_, call in calls.items():
            set_committed_value(call, "questions", asked[id_])


def cell(project_id: int, funder_id: int) -> Cell | None:
    """`None` for a draft, and for a funder of another contract."""
    loaded = project(project_id)
    funder = db.session.get(Funder, funder_id, options=[joinedload(Funder.institution)])
    if loaded is None or funder is None or funder.contract_id != loaded.contract_id:
        return None
    if not was_deposited(loaded):
        return None
    line = db.session.scalar(
        select(FundingLine).where(FundingLine.project_id == project_id, FundingLine.funder_id == funder_id)
    )
    return Cell(loaded, funder, line)


def campaign(campaign_id: int) -> Campaign | None:
    return db.session.get(Campaign, campaign_id, options=[joinedload(Campaign.contract)])


def listed() -> str | None:
    """The filters of the list that one came from, to carry on (`?liste=`)."""
    return request.args.get("liste") or None


def to_sheet(project: Project, anchor: str | None = None) -> str:
    """The way back, with the list that one came from."""
    return url_for("instruction.sheet", project_id=project.id, liste=listed(), _anchor=anchor)
