"""The sections as pages: which form each has, how far it is, and its answers in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import joinedload

from grants.database import db
from grants.domain.chart_of_accounts import account_name
from grants.domain.dossier.answers import (
    CalendarAnswers,
    OrganisationAnswers,
    ProjectAnswers,
    PublicAnswers,
    StatementsAnswers,
    needs_commitment,
)
from grants.domain.dossier.budget import (
    BudgetAnswers,
    RequestAnswers,
    requests_of,
    totals_of,
)
from grants.domain.dossier.checks import Fault
from grants.domain.dossier.drafts import Answers, Section, refuse_unless_open
from grants.errors import DomainError
from grants.models import Campaign, Project
from grants.web.applicant.budget_forms import BudgetForm, RequestForm
from grants.web.applicant.forms import (
    CalendarForm,
    OrganisationForm,
    ProjectForm,
    PublicForm,
    SectionForm,
    StatementsForm,
)
from grants.web.applicant.wording import TITLES, shown

PAGES: dict[Section, tuple[type[Answers], type[SectionForm]]] = {
    Section.ORGANISATION: (OrganisationAnswers, OrganisationForm),
    Section.PROJECT: (ProjectAnswers, ProjectForm),
    Section.PUBLIC: (PublicAnswers, PublicForm),
    Section.CALENDAR: (CalendarAnswers, CalendarForm),
    Section.BUDGET: (BudgetAnswers, BudgetForm),
    Section.REQUESTS: (RequestAnswers, RequestForm),
    Section.STATEMENTS: (StatementsAnswers, StatementsForm),
}
CONDITIONAL = ("year_of", "years_total", "predecessor_id", "cross_theme_ids")
TO_DO, BEGUN, DONE = "à faire", "commencé", "terminé"


@dataclass(frozen=True)
class Page:
    """One section of one dossier."""

    project: Project
    section: Section

    @property
    def title(self) -> str:
        return TITLES[self.section]

    @property
    def next(self) -> Section | None:
        """The section after this one."""
        order = list(Section)
        place = order.index(self.section) + 1
        return order[place] if place < len(order) else None

    def stored(self) -> Answers:
        return PAGES[self.section][0].of(self.project)

    def form(self, **more: Any) -> SectionForm:
        form = PAGES[self.section][1].showing(self.project, self.stored(), **more)
        if isinstance(form, StatementsForm) and not needs_commitment(self.project.organisation):
            del form.commitment
        return form

    def answers(self) -> list[tuple[str, str]]:
        """Label and answer, for reading; without the questions that this action did not meet."""
        return [
            (f.label.text, shown(f))
            for f in self.form(formdata=None).asked()
            if shown(f) or f.name not in CONDITIONAL
        ]


def load_project(project_id: int) -> Project | None:
    return db.session.get(
        Project,
        project_id,
        options=[
            joinedload(Project.campaign).joinedload(Campaign.contract),
            joinedload(Project.organisation),
        ],
    )


def load_page(project_id: int, section: str) -> Page | None:
    project = load_project(project_id)
    if project is None or section not in list(Section):
        return None
    return Page(project, Section(section))


@dataclass(frozen=True)
class Task:
    """One line of the task list."""

    page: Page
    status: str
    faults: tuple[Fault, ...]


def tasks(project: Project, found: list[Fault]) -> list[Task]:
    made = []
    for section in Section:
        page = Page(project, section)
        faults = tuple(fault for fault in found if fault.section == section)
        status = (BEGUN if page.stored().begun else TO_DO) if faults else DONE
        made.append(Task(page, status, faults if status == BEGUN else ()))
    return made


def in_words(project: Project) -> dict[str, object]:
    """Everything that the dossier says, for reading."""
    return {
        "pages": [Page(project, section) for section in Section],
        "requests": requests_of(project),
        "sums": totals_of(project),
        "account_name": account_name,
    }


def why_closed(campaign: Campaign) -> str:
    """Why nothing can be deposited now, or nothing."""
    try:
        refuse_unless_open(campaign)
    except DomainError as error:
        return error.message
    return ""
