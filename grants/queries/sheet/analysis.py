"""The analysis grid read together: each person's weighted mean, the mean of these, their spread."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import Select, bindparam, func, select

from grants.database import db
from grants.models import NOT_COUNTING, AnalysisCriterion, Campaign, Organisation, Project, Score, Theme, User
from grants.queries.project_filters import DEPOSITED_ONLY

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Mark:
    by: str
    value: int
    remark: str


@dataclass(frozen=True)
class CriterionRow:
    """`marks`: in the order of people's names; `mean` over them."""

    id: int
    label: str
    help: str
    weight: int
    marks: list[Mark]
    mean: Decimal | None


@dataclass(frozen=True)
class Summary:
    """`mean`: of the weighted means of `people`; `spread`: between the highest and the lowest of
    these, where there are two."""

    people: int
    mean: Decimal | None
    spread: Decimal | None


@dataclass(frozen=True)
class Analysis:
    criteria: list[CriterionRow]
    by_person: list[tuple[str, Decimal]]
    summary: Summary


NOBODY = Summary(0, None, None)


def analysis_of(project: Project) -> Analysis:
    """One query: criteria of its call, and every score on them."""
    records = db.session.execute(_GRID, {"of": project.id, "call": project.campaign_id})
    rows: dict[int, CriterionRow] = {}
    given: dict[int, list[tuple[int, int]]] = defaultdict(list)
    names: dict[int, str] = {}
    for key, label, help, weight, by_id, name, value, remark in records:
        row = rows.setdefault(key, CriterionRow(key, label, help, weight, [], None))
        if by_id is not None:
            row.marks.append(Mark(name, value, remark))
            given[by_id].append((weight, value))
            names[by_id] = name
    means = {by_id: weighted(pairs) for by_id, pairs in given.items()}
    return Analysis(
        [_with_mean(row) for row in rows.values()],
        [(names[by_id], mean) for by_id, mean in means.items()],
        summary(list(means.values())),
    )


_GRID = (
    select(
        AnalysisCriterion.id,
        AnalysisCriterion.label,
        AnalysisCriterion.help,
        AnalysisCriterion.weight,
        Score.by_id,
        User.name,
        Score.value,
        Score.remark,
    )
    .outerjoin(Score, (Score.criterion_id == AnalysisCriterion.id) & (Score.project_id == bindparam("of")))
    .outerjoin(User, User.id == Score.by_id)
    .where(AnalysisCriterion.campaign_id == bindparam("call"), AnalysisCriterion.archived.is_(False))
    .order_by(AnalysisCriterion.position, AnalysisCriterion.id, User.name, User.id)
)


def summaries(contract_id: int, year: int) -> dict[int, Summary]:
    """By project of the year, where somebody has given a score; one query."""
    by_project: dict[int, list[Decimal]] = defaultdict(list)
    for record in db.session.execute(_sums(contract_id, year)):
        by_project[record.project_id].append(_rounded(Decimal(record.sum) / record.weights))
    return {project_id: summary(means) for project_id, means in by_project.items()}


def _sums(contract_id: int, year: int) -> Select[int, int, int, int]:
    weight = AnalysisCriterion.weight
    return (
        select(
            Score.project_id,
            Score.by_id,
            func.sum(Score.value * weight).label("sum"),
            func.sum(weight).label("weights"),
        )
        .join(AnalysisCriterion, AnalysisCriterion.id == Score.criterion_id)
        .join(Project, Project.id == Score.project_id)
        .where(
            Project.contract_id == contract_id,
            Project.year == year,
            *DEPOSITED_ONLY,
            AnalysisCriterion.campaign_id == Project.campaign_id,
            AnalysisCriterion.archived.is_(False),
        )
        .group_by(Score.project_id, Score.by_id)
    )


@dataclass(frozen=True)
class ToScore:
    """A project that counts, and by criterion of its call what one person has given."""

    id: int
    reference: str
    title: str
    bearer: str
    given: dict[int, Mark]


@dataclass(frozen=True)
class ScoreTable:
    """A call's projects, in the order of their themes, and its criteria: id, label and weight."""

    campaign: str
    criteria: list[tuple[int, str, int]]
    projects: list[ToScore]


def score_tables(contract_id: int, year: int, reader_id: int) -> list[ScoreTable]:
    """Of the year's calls that have an analysis grid, with the reader's own scores."""
    tables: dict[int, ScoreTable] = {}
    for call, name, key, label, weight in db.session.execute(_criteria(contract_id, year)):
        tables.setdefault(call, ScoreTable(name, [], [])).criteria.append((key, label, weight))
    given: dict[int, dict[int, Mark]] = defaultdict(dict)
    for project_id, criterion_id, value, remark in db.session.execute(
        select(Score.project_id, Score.criterion_id, Score.value, Score.remark)
        .join(Project, Project.id == Score.project_id)
        .where(Project.contract_id == contract_id, Project.year == year, Score.by_id == reader_id)
    ):
        given[project_id][criterion_id] = Mark("", value, remark)
    for call, id_, reference, title, bearer in db.session.execute(_counting(contract_id, year)):
        if call in tables:
            tables[call].projects.append(ToScore(id_, reference or "", title, bearer, given[id_]))
    return [table for table in tables.values() if table.projects]


def _criteria(contract_id: int, year: int) -> Select[int, str, int, str, int]:
    one = AnalysisCriterion
    return (
        select(Campaign.id, Campaign.label, one.id, one.label, one.weight)
        .join(Campaign, Campaign.id == one.campaign_id)
        .where(Campaign.contract_id == contract_id, Campaign.year == year, one.archived.is_(False))
        .order_by(Campaign.id, one.position, one.id)
    )


def _counting(contract_id: int, year: int) -> Select[int, int, str | None, str, str]:
    return (
        select(Project.campaign_id, Project.id, Project.reference, Project.title, Organisation.name)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .outerjoin(Theme, Theme.id == Project.theme_id)
        .where(
            Project.contract_id == contract_id,
            Project.year == year,
            *DEPOSITED_ONLY,
            Project.state.not_in(NOT_COUNTING),
        )
        .order_by(Theme.position, Project.reference)
    )


def weighted(pairs: list[tuple[int, int]]) -> Decimal:
    """The mean of (weight, value), over the criteria that were given a value."""
    weights = sum(weight for weight, _ in pairs)
    return _rounded(Decimal(sum(weight * value for weight, value in pairs)) / weights)


def summary(means: list[Decimal]) -> Summary:
    if not means:
        return NOBODY
    mean = _rounded(sum(means, Decimal(0)) / len(means))
    return Summary(len(means), mean, max(means) - min(means) if len(means) > 1 else None)


def _with_mean(row: CriterionRow) -> CriterionRow:
    if not row.marks:
        return row
    mean = _rounded(Decimal(sum(mark.value for mark in row.marks)) / len(row.marks))
    return CriterionRow(row.id, row.label, row.help, row.weight, row.marks, mean)


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(CENT, ROUND_HALF_UP)
