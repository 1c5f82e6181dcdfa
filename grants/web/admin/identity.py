"""Whose service this is: name, contact, colour and logo."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileRequired, MultipleFileField
from wtforms import ColorField, SelectField

from grants.domain.contact import website_at
from grants.domain.contract import colours
from grants.domain.contract import identifying as rules
from grants.domain.contract.identity import IdentityTerms
from grants.domain.contract.notices import GRADES, Notices, change_notices, notices_of
from grants.domain.documents.document import FileSlot, ReceivedFile
from grants.errors import DomainError
from grants.web import uploads
from grants.web.access import access, me
from grants.web.admin import bp
from grants.web.admin.forms import FILL
from grants.web.admin.pages import edit_page
from grants.web.fields import email_line, line, paragraphs, phone_line
from grants.web.filters import identity
from grants.web.forms import CheckedText, Form
from grants.web.uploads import takes_files
from grants.web.versioned import UnversionedForm

PREVIEW = "preview"
LOGO = FileSlot("logo", "Image du logo", "", True, None, None, ())


class SiteIdentityForm(UnversionedForm):
    name = line(
        "Commune ou intercommunalité",
        needed=FILL,
        description="En tête des pages, des courriels et des documents. Par exemple : Ville de Pont-sur-Yonne.",
    )
    service = line(
        "Nom du service", needed=FILL, description="Celui à qui les porteurs écrivent : Service politique de la ville."
    )
    address = paragraphs(
        "Adresse postale", 500, description="Figure sur l'accusé de réception, comme la loi le demande."
    )
    phone = phone_line("Téléphone du service")
    email = email_line("Adresse électronique du service")
    website = line(
        "Site de la commune",
        also=[CheckedText(lambda text: website_at("", text))],
        description="Par exemple https://www.ville.fr.",
    )
    accent = ColorField(
        "Couleur",
        [CheckedText(rules.colour)],
        description="Celle de votre charte. Liens et boutons en prennent une nuance que tous peuvent lire.",
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Shown first, where that was asked, and then not saved."""
        return super().validate(extra_validators) and PREVIEW not in request.form


def _is_address(typed: str) -> None:
    if typed and "://" not in typed:
        raise DomainError("Écrivez une adresse entière, comme https://www.ville.fr/audit.pdf.")
    website_at("website", typed)


class NoticesForm(UnversionedForm):
    """Named as `notices.Notices` names them."""

    hours = line("Horaires du service", description="Quand il répond ou reçoit : du lundi au vendredi, de 9 h à 17 h.")
    publisher = line(
        "Directeur de la publication", description="Le plus souvent le maire ou le président, en fonction."
    )
    host = paragraphs("Hébergeur du site", 500, description="Nom, adresse et téléphone.")
    legal = paragraphs("À ajouter aux mentions légales", rows=4)
    dpo = paragraphs("Délégué à la protection des données", 500, description="Comment lui écrire : adresse, courriel.")
    data = paragraphs(
        "À ajouter à « Données personnelles »", rows=4, description="Par exemple la durée de conservation des dossiers."
    )
    grade = SelectField(
        "Accessibilité", choices=GRADES, description="Autre chose que « non conforme » est le résultat d'un audit."
    )
    audit = line("Adresse du rapport d'audit", also=[CheckedText(_is_address)])
    plan = line("Adresse du schéma pluriannuel d'accessibilité", also=[CheckedText(_is_address)])
    accessibility = paragraphs("À ajouter à « Accessibilité »", rows=4)
    financed = SelectField(
        "Ce qui est financé",
        choices={"": "publié", "hidden": "non publié"},
        description="Page et fichiers pour tous : les actions, leurs porteurs et les montants notifiés des"
        " programmations validées ou reprises. Non publié, personne ne les voit.",
    )


class LogoForm(Form):
    logo = MultipleFileField(
        LOGO.label,
        [FileRequired("Choisissez d'abord une image.")],
        description="Un fichier PNG, JPEG ou WebP. Il est réduit et redessiné ; un fond transparent est gardé.",
        render_kw={"accept": "image/png,image/jpeg,image/webp"},
    )


def _tried(form: SiteIdentityForm) -> str:
    try:
        return rules.colour(form.accent.data or "")
    except DomainError:
        return identity().accent


@bp.route("/identite", methods=["GET", "POST"])
@access("administer")
def site_identity() -> ResponseReturnValue:
    form = SiteIdentityForm(obj=identity())

    def save() -> None:
        row = rules.locked()
        form.refuse_unseen(row)
        rules.change(row, IdentityTerms(**form.typed()), by=me())

    return edit_page(
        form,
        save,
        heading="Identité de la commune",
        subject=identity(),
        back=url_for("admin.home"),
        template="admin/identity.html",
        tried=_tried(form),
        logo_form=LogoForm(formdata=None),
    )


@bp.route("/mentions", methods=["GET", "POST"])
@access("administer")
def site_notices() -> ResponseReturnValue:
    notices = notices_of(identity())
    form = NoticesForm(obj=notices)

    def save() -> None:
        row = rules.locked()
        form.refuse_unseen(notices_of(row))
        change_notices(row, Notices(**form.typed()), by=me())

    return edit_page(
        form, save, heading="Mentions légales et textes du site", subject=notices, back=url_for("admin.home")
    )


@bp.get("/identite/apercu.css")
@access("administer")
def preview_css() -> ResponseReturnValue:
    try:
        accent = rules.colour(request.args.get("couleur", ""))
    except DomainError:
        accent = colours.DEFAULT
    return Response(colours.preview(accent), mimetype="text/css")


@bp.route("/identite/logo", methods=["GET", "POST"])
@access("administer", writes=False)
@takes_files
def site_logo() -> ResponseReturnValue:
    form = LogoForm()

    def keep(files: list[ReceivedFile]) -> list[str]:
        return [rules.set_logo(file, uploads.storage(), by=me()) for file in files[-1:]]

    return edit_page(
        form,
        lambda: uploads.take_all(form, LOGO, keep),
        heading="Logo de la commune",
        back=url_for("admin.site_identity"),
        done="Le logo est enregistré.",
    )


@bp.route("/identite/logo/retirer", methods=["GET", "POST"])
@access("administer")
def remove_site_logo() -> ResponseReturnValue:
    return edit_page(
        Form(),
        lambda: rules.set_logo(None, uploads.storage(), by=me()),
        heading="Retirer le logo ?",
        said=("Pages, courriels et documents n'en ont plus. Pour le remettre, il faudra l'envoyer de nouveau.",),
        button="Retirer",
        back=url_for("admin.site_identity"),
        done="Le logo est retiré.",
    )
