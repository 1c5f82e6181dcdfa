"""Writes a fictitious dossier and plays what happens to it, through the domain's own doors."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from grants.database import db
from grants.demo.dossiers import DOSSIERS, READY, Dossier
from grants.demo.people import DemoStaff
from grants.domain import dossier as deposits
from grants.domain.decisions.notify import notify
from grants.domain.decisions.rules import Decision, Notice
from grants.domain.decisions.write import Wish, write, write_one
from grants.domain.dossier.drafts import Section
from grants.domain.envelope import set_envelope
from grants.domain.instruction import exchange, piece_request
from grants.domain.instruction.piece_request import PiecesWanted
from grants.domain.programming.version import PRESETS, freeze, validate
from grants.domain.workflow import advance
from grants.french import PARIS, day, today
from grants.models import (
    BudgetLine,
    Campaign,
    EnvelopeStatus,
    Funder,
    FundingLine,
    Kind,
    Outcome,
    Project,
    Side,
    Theme,
    User,
    Zone,
    now,
)
from grants.models.base import played_at

MINUTES = "L'État et le Département complètent leurs propositions avant l'arbitrage."
REVISION = "Le comité technique préfère deux promotions à trois."
REFUSAL = "L'action ne touche pas assez le public du quartier prioritaire."
QUESTION = "Le bilan de l'an dernier n'est pas encore approuvé : le projet de bilan suffit-il ?"
REPLY = "Oui, envoyez le projet ; vous joindrez le bilan approuvé après votre assemblée générale."
SOURCE = "Courriel (fictif)"
LESS = Decimal(500)  # euros that last year's funders gave less than they were asked for
EXPENSES = (("641", "0.45"), ("645", "0.15"), ("604", "0.20"), ("606", "0.12"))
LAST_EXPENSE = "625"
# What happened since the technical committee froze the programming: by title of the action.
LATER = {
    "On joue au volley": ("propose CGET 6000",),
    "Accompagnement des jeunes diplômés": ("propose CGET 7500", "propose DEPT 5000"),
    "Rallye des métiers": ("propose VILLE 3500", "accept DEPT 6000 typed"),
    "Créer son activité": ("revise VILLE 6000",),
    "Voyage chorégraphique": ("propose DEPT 5000 typed",),
}
# The actions of the workflow, with their reason.
STEPS = {
    "admit": "",
    "refuse": "L'action a lieu hors du quartier prioritaire et sans ses habitants.",
    "withdraw": "L'association renonce à l'action, faute d'encadrants.",
}
# What a funder decides, with its reason.
DECISIONS: dict[str, tuple[Outcome | None, dict[str, str]]] = {
    "propose": (None, {}),
    "accept": (Outcome.ACCEPTED, {}),
    "revise": (Outcome.ACCEPTED, {"revision_reason": REVISION}),
    "reject": (Outcome.REJECTED, {"reason": REFUSAL}),
    "defer": (Outcome.DEFERRED, {"reason": "À revoir au prochain comité."}),
    "cancel": (Outcome.CANCELLED, {"reason": "Le porteur renonce à cette part."}),
}


def play(dossier: Dossier, campaign: Campaign, staff: DemoStaff) -> Project:
    project = _write(dossier, campaign, staff)
    for step in dossier.script:
        _step(project, *step.split(), staff=staff)
    return project


def go_on(campaign: Campaign, staff: DemoStaff) -> None:
    """The technical committee has met; then the work goes on."""
    freeze(campaign, PRESETS[0], by=staff.coordinator, note=MINUTES)
    for title, steps in LATER.items():
        project = db.session.scalars(
            select(Project).where(Project.campaign_id == campaign.id, Project.title == title)
        ).one()
        for step in steps:
            _step(project, *step.split(), staff=staff)


def play_last_year(call: Campaign, staff: DemoStaff) -> None:
    """Dossiers deposited, granted in part, notified and closed; all but one are renewed."""
    played = (READY, *(replace(d, script=["submit"]) for d in DOSSIERS if d.renews))
    with played_at(datetime(call.year - 1, 10, 1, 9, tzinfo=UTC)):
        projects = [play(dossier, call, staff) for dossier in played]
    with played_at(datetime(call.year - 1, 12, 1, 9, tzinfo=UTC)):
        for project in projects:
            advance(project, "admit", by=staff.coordinator)
        for link in call.funders:
            _grant_all(link.funder, projects, staff)
        for project in projects:
            advance(project, "close", by=staff.coordinator)
        validate(call, by=staff.coordinator)


def _grant_all(funder: Funder, projects: list[Project], staff: DemoStaff) -> None:
    by = staff.instructors.get(funder.institution_id, staff.coordinator)
    of_projects = FundingLine.project_id.in_([project.id for project in projects])
    lines = db.session.scalars(select(FundingLine).where(of_projects, FundingLine.funder == funder))
    granted = {line.project_id: (line.requested or LESS) - LESS for line in lines}
    whole, of = sum(granted.values(), Decimal(0)), projects[0].campaign
    set_envelope(funder, [of], whole, by=by, source="fictif", status=EnvelopeStatus.NOTIFIED)
    said = [(key, _decision("accept", str(euros), SOURCE)) for key, euros in granted.items()]
    write([Wish(key, funder.id, None, decision) for key, decision in said], by=by)
    on = now().astimezone(PARIS).date()
    notify(funder, dict.fromkeys(granted), Notice(f"{on.year}-{funder.code}", on), by=by)


def _write(dossier: Dossier, campaign: Campaign, staff: DemoStaff) -> Project:
    author = staff.signatories[dossier.bearer]
    predecessor = _predecessor(dossier, campaign, staff)
    theme_id = _theme(dossier, campaign).id
    project = Project(
        campaign=campaign,
        organisation=staff.bearers[dossier.bearer],
        title=dossier.title,
        kind=Kind.RENEWAL if predecessor else Kind.NEW,
        predecessor_id=predecessor.id if predecessor else None,
        theme_id=theme_id,
        applicant_theme_id=theme_id,
        created_by_id=author.id,
        source_note="Dossier entièrement fictif.",
        objectives=f"« {dossier.title} » aide les habitants du quartier à prendre part à la vie"
        " de la ville, à leur rythme, et à trouver près de chez eux qui les accompagne.",
        description="Un rendez-vous par semaine hors vacances, deux temps forts dans l'année,"
        " un comité de suivi avec les partenaires et les habitants.",
    )
    db.session.add(project)
    if dossier.script or predecessor:
        _fill(project, dossier, campaign, author.id)
    db.session.flush()
    _ask(project, dossier)
    return project


def _fill(project: Project, dossier: Dossier, campaign: Campaign, author_id: int) -> None:
    """The pages that a finished dossier has and a draft just begun has not."""
    project.audience = "Habitants du quartier prioritaire, dont une moitié de femmes."
    project.beneficiaries, project.beneficiaries_qpv = dossier.public
    project.place = "Salle polyvalente et pied d'immeubles"
    project.starts_on = date(campaign.year, 1, 15)
    project.ends_on = date(campaign.year, 12, 15)
    project.schedule = "Chaque mercredi de 14 h à 17 h ; deux temps forts en juin et en décembre."
    project.means = "Une salle prêtée par la Ville, du matériel pédagogique, deux partenaires."
    project.staff = {
        "volunteers": {"count": 4, "fte": None},
        "employees": {"count": 2, "fte": "0.6"},
        "permanent": {"count": 2, "fte": "0.6"},
    }
    project.evaluation = "Nombre de séances, assiduité, questionnaire en fin d'année."
    project.in_charge_name = project.organisation.representative_name
    project.in_charge_email = project.organisation.representative_email
    project.total_cost = Decimal(dossier.cost)
    project.zones = list(
        db.session.scalars(select(Zone).where(Zone.contract_id == campaign.contract_id, Zone.label == dossier.zone))
    )
    project.budget = _budget(dossier)
    project.organisation_confirmed_at = now()
    if dossier.script:
        project.commitment_at = project.sworn_at = now()
        project.sworn_by_id = author_id


def _budget(dossier: Dossier) -> list[BudgetLine]:
    """Balanced: what is not asked for comes from dues and sales."""
    cost = Decimal(dossier.cost)
    lines = [
        BudgetLine(side=Side.EXPENSE, account=account, amount=(cost * Decimal(part)).quantize(cost))
        for account, part in EXPENSES
    ]
    rest = cost - sum(line.amount for line in lines)
    lines.append(BudgetLine(side=Side.EXPENSE, account=LAST_EXPENSE, amount=rest))
    own = cost - sum(dossier.asked.values())
    dues = (own / 3).quantize(cost)
    lines.append(BudgetLine(side=Side.INCOME, account="756", amount=dues))
    lines.append(BudgetLine(side=Side.INCOME, account="70", amount=own - dues))
    for position, line in enumerate(lines):
        line.position = position
    return lines


def _ask(project: Project, dossier: Dossier) -> None:
    for code, amount in dossier.asked.items():
        db.session.add(
            FundingLine(
                project=project,
                campaign_id=project.campaign_id,
                funder=_funder(project, code),
                requested=Decimal(amount),
            )
        )
    db.session.flush()


def _predecessor(dossier: Dossier, campaign: Campaign, staff: DemoStaff) -> Project | None:
    if not dossier.renews:
        return None
    return db.session.scalars(
        select(Project)
        .where(
            Project.contract_id == campaign.contract_id,
            Project.organisation_id == staff.bearers[dossier.bearer].id,
            Project.title == dossier.title,
            Project.campaign.has(kind=campaign.kind),
            Project.year < campaign.year,
        )
        .order_by(Project.year.desc())
        .limit(1)
    ).one()


def _theme(dossier: Dossier, campaign: Campaign) -> Theme:
    parent_id = None
    for label in dossier.path:
        parent_id = db.session.scalars(
            select(Theme.id).where(
                Theme.contract_id == campaign.contract_id, Theme.label == label, Theme.parent_id == parent_id
            )
        ).one()
    return db.session.scalars(
        select(Theme).where(
            Theme.parent_id == parent_id, Theme.number == dossier.orientation, Theme.call_kind.is_(None)
        )
    ).one()


def _funder(project: Project, code: str) -> Funder:
    return next(link.funder for link in project.campaign.funders if link.funder.code == code)


def _step(project: Project, verb: str, code: str = "", euros: str = "", how: str = "", *, staff: DemoStaff) -> None:
    if verb == "submit":
        signatory = staff.signatories[project.organisation.name]
        deposits.submit(project, by=signatory)
    elif verb == "pieces":
        _ask_pieces(project, staff)
    elif verb in STEPS:
        advance(project, verb, by=staff.coordinator, reason=STEPS[verb])
    else:
        funder = _funder(project, code)
        instructor = staff.instructors.get(funder.institution_id)
        by = instructor if instructor and how != "typed" else staff.coordinator
        _fund(project, verb, funder, euros, by, is_own=by is instructor)


def _ask_pieces(project: Project, staff: DemoStaff) -> None:
    """The bearer asks what is meant, and is answered."""
    wanted = PiecesWanted(
        ("Les statuts signés", "Le dernier bilan"),
        today() + timedelta(days=10),
        {Section.CALENDAR: "Calendrier"},
        "Précisez aussi les dates des séances.",
    )
    piece_request.ask(project, wanted, by=staff.coordinator)
    signatory = staff.signatories[project.organisation.name]
    for text, by in ((QUESTION, signatory), (REPLY, staff.coordinator)):
        exchange.send(project, text, by=by, as_applicant=by is signatory)


def _fund(project: Project, verb: str, funder: Funder, euros: str, by: User, *, is_own: bool) -> None:
    source = "" if is_own else f"Courriel du {day(today() - timedelta(days=2))} (fictif)"
    if verb == "notify":
        number = f"{today().year}-{project.id:03}"
        notify(funder, {project.id: None}, Notice(number, today()), by=by)
    else:
        write_one(project, funder, _decision(verb, euros, source), by=by)


def _decision(verb: str, euros: str, source: str) -> Decision:
    outcome, why = DECISIONS[verb]
    return Decision(outcome, Decimal(euros) if euros else None, typed_from=source, **why)
