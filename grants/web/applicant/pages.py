"""The sections as pages: which form each has, how far it is, and its answers in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import joinedload

from grants.database import db
from grants.domain.campaign import late_permission
from grants.domain.chart_of_accounts import account_name
from grants.domain.dossier import pieces
from grants.domain.dossier.answers import needs_commitment
from grants.domain.dossier.budget import requests_of, totals_of
from grants.domain.dossier.checks import DossierFault
from grants.domain.dossier.correction import correctable, refuse_unless_depositable
from grants.domain.dossier.drafts import Answers, Section, is_asked
from grants.domain.dossier.frozen import TOLD_APART, Chapter
from grants.domain.dossier.questions import asked, for_reading
from grants.errors import refusal_of
from grants.models import Campaign, Contract, Project
from grants.queries.applicant.saved import signature_asked
from grants.web.applicant.budget_forms import BudgetForm, RequestForm
from grants.web.applicant.forms import (
    CalendarForm,
    OrganisationForm,
    PiecesForm,
    ProjectForm,
    PublicForm,
    SectionForm,
    StatementsForm,
)
from grants.web.applicant.means_form import MeansForm
from grants.web.applicant.questions import QuestionsForm
from grants.web.applicant.wording import OPERATING_TITLES, TITLES
from grants.web.versioned import shown

PAGES: dict[Section, type[SectionForm]] = {
    Section.ORGANISATION: OrganisationForm,
    Section.PROJECT: ProjectForm,
    Section.PUBLIC: PublicForm,
    Section.CALENDAR: CalendarForm,
    Section.MEANS: MeansForm,
    Section.QUESTIONS: QuestionsForm,
    Section.BUDGET: BudgetForm,
    Section.REQUESTS: RequestForm,
    Section.PIECES: PiecesForm,
    Section.STATEMENTS: StatementsForm,
}
CONDITIONAL = ("year_of", "years_total", "predecessor_id", "cross_theme_ids", "other_commune_ids", "staff_")
TO_DO, BEGUN, REVIEW, DONE = "à faire", "commencé", "à revoir", "terminé"


def has_page(project: Project, section: Section) -> bool:
    """No page of questions or pieces where the call asks none, nor of an action where it pays for none."""
    if not is_asked(project.campaign, section):
        return False
    if section is Section.QUESTIONS:
        return bool(asked(project))
    if section is Section.PIECES:
        return bool(pieces.slots_of(project))
    return True


def sections(project: Project) -> list[Section]:
    """Its pages, in order."""
    return [section for section in Section if has_page(project, section)]


@dataclass(frozen=True)
class Page:
    """One section of one dossier."""

    project: Project
    section: Section

    @property
    def title(self) -> str:
        titles = TITLES | OPERATING_TITLES if self.project.campaign.operating else TITLES
        return titles[self.section]

    @property
    def next(self) -> Section | None:
        """The section after this one."""
        number, pages = self.step
        return pages[number] if number < len(pages) else None

    @property
    def step(self) -> tuple[int, list[Section]]:
        """Which one it is of its dossier's pages, counted from one, and these."""
        pages = [section for section in Section if section is self.section or has_page(self.project, section)]
        return pages.index(self.section) + 1, pages

    def stored(self) -> Answers:
        return PAGES[self.section].holds.of(self.project)

    def form(self, **more: Any) -> SectionForm:
        return self._asked(PAGES[self.section].showing(self.project, self.stored(), **more))

    def _asked(self, form: SectionForm) -> SectionForm:
        """Without what is not asked of this bearer."""
        if isinstance(form, StatementsForm) and not needs_commitment(self.project.organisation):
            del form.commitment
        return form

    def answers(self) -> list[tuple[str, str]]:
        """Label and answer, for reading; without the questions that this action did not meet."""
        if self.section is Section.QUESTIONS:
            return for_reading(self.project)
        if self.section is Section.PIECES:
            return pieces.for_reading(self.project)
        form = self._asked(PAGES[self.section].reading(self.project, self.stored()))
        return [(f.label.text, shown(f)) for f in form.asked() if shown(f) or not f.name.startswith(CONDITIONAL)]


def load_project(project_id: int) -> Project | None:
    return db.session.get(
        Project,
        project_id,
        options=[
            joinedload(Project.campaign).joinedload(Campaign.contract).joinedload(Contract.communes),
            joinedload(Project.organisation),
            joinedload(Project.applicant_theme),
        ],
    )


def load_page(project_id: int, section: str) -> Page | None:
    project = load_project(project_id)
    if project is None or section not in list(Section):
        return None
    page = Page(project, Section(section))
    return page if has_page(project, page.section) else None


@dataclass(frozen=True)
class Task:
    """One line of the task list."""

    page: Page
    status: str
    faults: tuple[DossierFault, ...]


def tasks(project: Project, all_faults: list[DossierFault]) -> list[Task]:
    made = []
    for section in sections(project):
        page = Page(project, section)
        faults = tuple(fault for fault in all_faults if fault.section == section)
        status = (BEGUN if page.stored().begun else TO_DO) if faults else DONE
        if status is DONE and section in project.to_review:
            status = REVIEW
        made.append(Task(page, status, faults if status == BEGUN else ()))
    return made


def in_words(project: Project) -> dict[str, object]:
    """Everything that the dossier says, for reading."""
    return {
        "pages": [Page(project, section) for section in sections(project)],
        "requests": requests_of(project),
        "sums": totals_of(project),
        "account_name": account_name,
    }


def chapters(project: Project) -> list[Chapter]:
    """What is kept of the dossier when it is deposited."""
    pages = (
        Page(project, section)
        for section in Section
        if section not in TOLD_APART and is_asked(project.campaign, section)
    )
    found = (Chapter(page.section, page.title, tuple(page.answers())) for page in pages)
    return [chapter for chapter in found if chapter.answers]


def closing(project: Project) -> dict[str, object]:
    """When its call closes for its organisation, and why it cannot be deposited now."""
    return {
        "closed": refusal_of(refuse_unless_depositable, project),
        "asked": signature_asked(project.id),
        "correctable": correctable(project),
        "closes_at": late_permission.closes_at(project.campaign, project.organisation),
    }
