"""Where an applicant begins: their dossiers, a new one in an open call or one of
before taken up in it (« Reconduire »), one dossier."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload, selectinload

from grants.database import db
from grants.domain.campaign.campaign_part import parts_of
from grants.domain.dossier import correction, drafts
from grants.domain.dossier.checks import faults
from grants.domain.dossier.renewal import renew as begin_again
from grants.domain.dossier.sent import deposits_of, reopened
from grants.domain.workflow import possible
from grants.errors import DomainError, refusal_of
from grants.models import Campaign, CampaignDocument, CampaignFunder, MemberRole, Organisation, Project, State
from grants.queries.administration.organisations import asked_of
from grants.queries.applicant.again import late_campaigns, late_organisations, renewals
from grants.queries.applicant.applicant import answers_to, drafts_in, own_organisations, own_projects
from grants.queries.campaign.announced import open_campaigns
from grants.queries.sheet.documents import ids_by_hash
from grants.queries.sheet.exchange import thread
from grants.web.access import access, me
from grants.web.applicant import bp, wording
from grants.web.applicant.due import board
from grants.web.applicant.forms import StartForm
from grants.web.applicant.pages import Page, closing, in_words, load_project, tasks
from grants.web.applicant.presence import presence_words
from grants.web.buttons import attempt
from grants.web.filters import fits
from grants.web.forms import made_by


@bp.get("/mes-projets")
@access("signed_in")
def projects() -> ResponseReturnValue:
    if not own_organisations(me().id):
        return redirect(url_for("auth.organisation_choice", next=url_for("applicant.projects")))
    own = own_projects(me().id)
    signs_for = {each.organisation_id for each in me().memberships if each.role is MemberRole.SIGNATORY}
    return render_template(
        "applicant/projects.html",
        own=own,
        board=board(own, renewals(me().id), signs_for),
        campaigns=open_campaigns(),
        late=late_campaigns(me().id),
        asked=asked_of(me().id),
        waiting=[each.organisation for each in me().memberships if not each.approved_at],
        wording=wording,
    )


def _load_campaign(campaign_id: int) -> Campaign | None:
    """Nothing for a draft of a call: nobody here reads of it yet."""
    with_all_shown = (joinedload(Campaign.contract), selectinload(Campaign.funders).joinedload(CampaignFunder.funder))
    campaign = db.session.get(Campaign, campaign_id, options=with_all_shown)
    return campaign if campaign and campaign.opened_at else None


@bp.route("/deposer/<int:campaign_id>", methods=["GET", "POST"])
@access("signed_in", _load_campaign)
def start(campaign: Campaign) -> ResponseReturnValue:
    organisations = own_organisations(me().id)
    if not organisations:
        here = url_for("applicant.start", campaign_id=campaign.id)
        return redirect(url_for("auth.organisation_choice", next=here))
    closed = refusal_of(drafts.refuse_unless_open, campaign)
    late = late_organisations(campaign.id, me().id) if closed else []
    if late:
        organisations = [(each.id, each.name) for each in late]
    form = StartForm()
    form.organisation_id.choices = organisations
    if len(organisations) == 1:
        form.organisation_id.data = organisations[0][0]

    def begin() -> Project:
        bearer = db.session.get_one(Organisation, form.organisation_id.data)
        return drafts.create(campaign, bearer, by=me())

    if draft := made_by(form, begin):
        return redirect(url_for("applicant.dossier", project_id=draft.id))
    return render_template(
        "applicant/start.html",
        form=form,
        campaign=campaign,
        late=late,
        closed="" if late else closed,
        drafts=drafts_in(campaign.id, me().id),
        documents=parts_of(CampaignDocument, campaign),
    )


@bp.get("/mes-projets/<int:project_id>")
@access("project.read_own", load_project)
def dossier(project: Project) -> ResponseReturnValue:
    """The task list of a draft; what was deposited, to read: of a correction, where it went."""
    if project.state is State.DRAFT:
        return render_template(
            "applicant/tasks.html",
            project=project,
            tasks=tasks(project, faults(project)),
            may_withdraw="withdraw" in possible(project, me()),
            others=presence_words(project, ""),
            documents=parts_of(CampaignDocument, project.campaign),
            **closing(project),
        )
    if project.reference is None and (deposited := project.corrects):
        return redirect(url_for("applicant.dossier", project_id=deposited.id))
    deposits = deposits_of(project)
    sent = deposits[-1] if deposits else None
    return render_template(
        "applicant/dossier.html",
        project=project,
        answers=answers_to(project.id),
        thread=thread(project.id),
        may_withdraw="withdraw" in possible(project, me()),
        sent=sent,
        deposits=deposits,
        copy=correction.under_way(project),
        why_not_copied=refusal_of(correction.refuse_unless_copied, project),
        correctable=correction.correctable(project),
        files=ids_by_hash(project),
        wording=wording,
        again=[Page(project, each) for each in reopened(project, sent)],
        **in_words(project),
    )


@bp.post("/mes-projets/<int:project_id>/reconduire")
@access("project.edit_own", load_project)
def renew(project: Project) -> ResponseReturnValue:
    return attempt(
        lambda: begin_again(project, _chosen(), by=me()),
        back=url_for("applicant.projects"),
        after=lambda draft: url_for("applicant.dossier", project_id=draft.id),
    )


def _chosen() -> Campaign:
    named = request.form.get("campaign_id", 0, type=int)
    campaign = db.session.get(Campaign, named) if fits(named) else None
    if campaign is None:
        raise DomainError("Cet appel n'existe pas. Choisissez-en un dans « Mes projets ».")
    return campaign
