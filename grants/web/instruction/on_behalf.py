"""« Saisir un dossier reçu »: one that came by e-mail or on paper, typed by the coordinator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is not in the stubs yet
    DateField,
    Field,
    RadioField,
    SelectChoice,
    SelectField,
)
from wtforms.validators import DataRequired, InputRequired

from grants.database import db
from grants.domain.documents.document import FileSlot
from grants.domain.dossier.themes import offered
from grants.domain.instruction.on_behalf import ReceivedDossier, attach, new_bearer, record
from grants.domain.organisation.identity import Identity, siret_number
from grants.models import Campaign, Kind, Nature, Organisation, Project
from grants.queries.administration.administration import dated_campaigns
from grants.queries.administration.organisations import search
from grants.web import uploads
from grants.web.access import access, me
from grants.web.fields import line
from grants.web.forms import AmountField, CheckedText, made_by
from grants.web.instruction import bp
from grants.web.instruction.forms import commune_field, offer_communes, options
from grants.web.instruction.loading import ContractYear, campaign, place, to_sheet
from grants.web.instruction.loading import project as load_project
from grants.web.requested import RequestedForm, request_fields
from grants.web.uploads import takes_files
from grants.words import word

ARRIVED = "Indiquez le jour où il est arrivé : aujourd'hui ou avant."


class ReceivedForm(RequestedForm):
    """Its class is made for the call (`of`)."""

    name = line("Nom de l'organisation", needed="Indiquez le nom de l'organisation.")
    nature = SelectField("Nature", choices=options((n, word(n)) for n in Nature))
    siret = line("Numéro SIRET", 20)
    received_on = DateField("Arrivé le", validators=[InputRequired(ARRIVED)])
    received_by = line("Comment, et de qui", needed="Écrivez comment il est arrivé, et de qui.")
    title = line("Titre de l'action", needed="Écrivez le titre de l'action.")
    kind = RadioField(
        "Nature de l'action",
        default=Kind.NEW.value,
        choices=options((k, word(k)) for k in (Kind.NEW, Kind.RENEWAL)),
        validators=[InputRequired("Choisissez la nature de l'action.")],
    )
    theme_id = SelectField(
        "Classement",
        [DataRequired("Choisissez une orientation de la liste de cet appel.")],
        coerce=lambda value: int(value) if value else None,
    )
    commune_id = commune_field()
    total_cost = AmountField("Coût total de l'action, en euros", [InputRequired("Écrivez le coût total de l'action.")])

    def validate_siret(self, field: Field) -> None:
        """Whether it is needed depends on the nature."""
        if not self.nature.errors:
            CheckedText(lambda text: siret_number(text, Nature(self.nature.data)))(self, field)

    @classmethod
    def of(cls, call: Campaign, bearer: Organisation | None) -> Self:
        asked = request_fields((each.funder for each in call.funders), "Demandé à {}, en euros")
        form: Self = type("ReceivedForm", (cls,), asked)()
        form.campaign_id = call.id
        form.theme_id.choices = [
            SelectChoice("", "Choisissez une orientation"),
            *(
                SelectChoice(str(each.id), each.label, optgroup=each.group or None)
                for each in offered(call.contract_id, call.kind)
            ),
        ]
        offer_communes(form, call.contract)
        if bearer is not None:
            del form.name, form.nature, form.siret
        return form

    def identity(self) -> Identity:
        nature = Nature(self.nature.data)
        return Identity(self.name.data or "", nature, siret=self.siret.data or None)

    def received(self) -> ReceivedDossier:
        return ReceivedDossier(
            self.title.data or "",
            self.theme_id.data,
            Kind(self.kind.data),
            self.total_cost.data,
            self.requested(),
            self.received_on.data,
            self.received_by.data or "",
            self.commune_id.data if self.commune_id else None,
        )


@dataclass(frozen=True)
class BehalfCampaign:
    """`bearer`: empty for an organisation that is not known yet."""

    campaign: Campaign
    bearer: Organisation | None


def _campaign(campaign_id: int) -> BehalfCampaign | None:
    """With the organisation that the address names (`?organisation=`)."""
    found = campaign(campaign_id)
    if found is None or found.opened_at is None:
        return None
    named: Any = request.args.get("organisation", type=int)
    if named is None:
        return BehalfCampaign(found, None)
    bearer = db.session.get(Organisation, named) if 0 < named < 2**31 else None
    return BehalfCampaign(found, bearer) if bearer else None


@bp.get("/contrats/<slug>/<int:year>/dossier-recu")
@access("contract.coordinate", place)
def received_where(place: ContractYear) -> ResponseReturnValue:
    """Which call, and for whom."""
    calls = dated_campaigns(place.contract.id, place.year)
    words = request.args.get("mots", "")
    chosen = request.args.get("appel", type=int)
    return render_template(
        "instruction/received_where.html",
        contract=place.contract,
        year=place.year,
        calls=calls,
        words=words,
        chosen=chosen if chosen in dict(calls) else None,
        found=search(words) if words else [],
    )


@bp.route("/appels/<int:campaign_id>/dossier-recu", methods=["GET", "POST"])
@access("contract.coordinate", _campaign, about=lambda call: call.campaign)
def received(call: BehalfCampaign) -> ResponseReturnValue:
    form = ReceivedForm.of(call.campaign, call.bearer)

    def save() -> Project:
        bearer = call.bearer or new_bearer(form.identity(), call.campaign.contract, by=me())
        return record(call.campaign, bearer, form.received(), by=me())

    if project := made_by(form, save):
        flash(f"Dossier enregistré sous le numéro {project.reference}.", "success")
        return redirect(url_for("instruction.sheet", project_id=project.id))
    return render_template("instruction/received.html", form=form, campaign=call.campaign, bearer=call.bearer)


SLOT = FileSlot("files", "Fichiers reçus avec le dossier", "", False, None, None, ())


@bp.route("/projets/<int:project_id>/pieces-recues", methods=["GET", "POST"])
@access("project.coordinate", load_project, writes=False)
@takes_files
def received_pieces(project: Project) -> ResponseReturnValue:
    """What came with a dossier on paper or by e-mail: scanned, or as it was attached."""
    if project.received_on is None:
        abort(404)
    form = uploads.files_form([SLOT])
    back = to_sheet(project, "pieces")
    if uploads.taken(form, [SLOT], project, attach):
        return redirect(back)
    return render_template(
        "instruction/received_pieces.html", form=form, project=project, back=back, help=uploads.help_in_words()
    )
