"""Lists of a contract pasted or uploaded: what they make is seen first, with their faults by line, and then
made all at once."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from grants.database import db
from grants.domain.importing import lists
from grants.domain.importing.envelopes import read_envelopes
from grants.domain.importing.lists import ListReading, Read, write_list
from grants.domain.importing.pasted import text_of
from grants.domain.importing.pasted_people import read_people
from grants.french import counted
from grants.models import Contract
from grants.queries.administration.administration import undrawn_lines
from grants.web.access import access, check_fresh, me
from grants.web.admin import bp
from grants.web.admin.pages import list_of, onward
from grants.web.fields import AtMost, line
from grants.web.forms import Form, NoNul, refusals_at
from grants.web.instruction.loading import contract as contract_of
from grants.web.uploads import OneFileField

LONGEST = 600_000  # the State's list of 2024 has 1,609 lines
MOST_FAULTS = 40
CONFIRM = "confirm"


@dataclass(frozen=True)
class PastedList:
    """`what`: as addresses name it. `one`: what a line makes, and its participle; `example`: lines as one
    pastes them; `tab`: the page that lists them."""

    what: str
    heading: str
    one: tuple[str, str]
    about: str
    example: str
    columns: tuple[str, ...]
    read: Read
    tab: str


KINDS = {
    kind.what: kind
    for kind in (
        PastedList(
            "themes",
            "Coller des thèmes",
            ("thème", "créé"),
            "Une ligne par thème, comme dans votre texte : des numéros (1., 1.1, I., A.), des puces, des espaces ou des"
            " tabulations devant la ligne disent ce qui est au-dessous de quoi. « Axe 2 : Emploi » se comprend aussi.",
            "1. Emploi\n1.1 Insertion\n1.2 Formation\n2. Cadre de vie\n\n…ou :\n\nEmploi\n    Insertion\nCadre de vie",
            ("Thème", "Numéro", "Niveau"),
            lists.read_themes,
            "themes",
        ),
        PastedList(
            "quartiers",
            "Coller des quartiers",
            ("quartier", "créé"),
            "Une ligne par quartier : son code (QN05701M), son nom, sa commune et, si le contrat en a plusieurs, le"
            " code INSEE de celle-ci, dans l'ordre que vous voulez : les communes sont alors créées avec les quartiers."
            " Vous pouvez aussi envoyer la liste officielle en CSV, telle qu'elle est publiée, et n'en garder que vos"
            " communes.",
            "QN05701M ; Borny ; Metz ; 57463\nQN05709M ; Saint-Éloy ; Woippy ; 57751",
            ("Quartier", "Code", "Commune"),
            lists.read_zones,
            "territory",
        ),
        PastedList(
            "financeurs",
            "Coller des institutions et leurs financeurs",
            ("financeur", "créé"),
            "Une ligne par financeur : son institution, son code court (l'en-tête de sa colonne), son nom. Une"
            " institution qui n'a qu'une ligne de crédit peut s'écrire seule. Une quatrième colonne « hors plateforme »"
            " (oui ou non) dit que personne de cette institution ne se connecte ; une cinquième, la seule commune qu'il"
            " finance, s'il n'en finance qu'une.",
            "État ; CGET ; État – politique de la ville\nÉtat ; FIPD\nVille\nRégion ; REGION ; Région ; oui",
            ("Institution", "Code", "Financeur", "Se connecte", "Commune"),
            lists.read_partners,
            "partners",
        ),
        PastedList(
            "enveloppes",
            "Coller des enveloppes",
            ("enveloppe", "enregistrée"),
            "Une ligne par financeur et par appel. Celles qui manquent sont déjà écrites : ajoutez leurs montants, et"
            " effacez celles que vous ne connaissez pas encore. Le statut est « provisoire » ou « notifiée ».",
            "annee;dispositif;financeur;montant;statut\n2027;Contrat de ville;VILLE;20000;provisoire",
            ("Appel", "Financeur", "Montant", "Statut"),
            read_envelopes,
            "envelopes",
        ),
        PastedList(
            "organisations",
            "Coller des organisations",
            ("organisation", "créée"),
            "Une ligne par porteur : son nom, sa nature (association si vous ne dites rien), son SIRET, son RNA, dans"
            " l'ordre que vous voulez. Celle qui existe déjà sous ce nom reçoit les numéros qui lui manquent."
            " Les nouvelles n'ont encore aucun membre : quand quelqu'un demandera à en rejoindre une,"
            " c'est vous qui répondrez.",
            "Les Amis des Livres ; association ; 732 829 320 00074 ; W922001234\nCentre social ; service municipal",
            ("Nom", "Nature", "SIRET", "RNA"),
            lists.read_organisations,
            "contract",
        ),
        PastedList(
            "personnes",
            "Coller des personnes et leurs rôles",
            ("rôle", "donné"),
            "Une ligne par rôle : le nom, l'adresse de courriel, le rôle (chef de projet, instructeur, comité,"
            " administrateur) et, pour un instructeur, son institution ; pour un chef de projet d'une"
            " seule commune, celle-ci. Chaque nouvelle personne reçoit un lien pour choisir son mot de passe.",
            "Ada Martin ; ada.martin@ville.fr ; chef de projet\nJean Roy ; jean.roy@etat.gouv.fr ; instructeur ; État",
            ("Nom", "Courriel", "Rôle", "Institution ou commune"),
            read_people,
            "contract",
        ),
    )
}


class ListForm(Form):
    text = TextAreaField("Votre liste", [AtMost(LONGEST), NoNul()], render_kw={"rows": 12, "spellcheck": "false"})
    file = OneFileField("Ou un fichier (CSV ou texte)", render_kw={"accept": ".csv,.txt,.tsv,text/csv,text/plain"})
    only = line(
        "Seulement ces communes",
        1000,
        description="Pour la liste officielle : leurs noms, séparés par des virgules. Vide : toutes.",
    )


@dataclass(frozen=True)
class ListTarget:
    contract: Contract
    kind: PastedList


def a_target(slug: str, what: str) -> ListTarget | None:
    contract, kind = contract_of(slug), KINDS.get(what)
    return ListTarget(contract, kind) if contract and kind else None


@bp.route("/contrats/<slug>/coller/<what>", methods=["GET", "POST"])
@access("administer", a_target)
def paste(target: ListTarget) -> ResponseReturnValue:
    """Sent once, it shows what it would do, all of it undone again; sent again with the `mark` of that, it does it."""
    contract, kind = target.contract, target.kind
    if kind.what == "personnes":
        check_fresh()
    form = ListForm(data={"text": undrawn_lines(contract.id) if kind.what == "enveloppes" else ""})
    if kind.what != "quartiers":
        del form.only
    done = None
    if form.validate_on_submit():
        with refusals_at(form):
            for file in filter(None, form.file.data or []):
                form.text.data = text_of(file.read())
            done = write_list(
                kind.read, form.text.data or "", contract, by=me(), only=form.only.data if form.only else ""
            )
            if not done.faults and done.made and request.form.get(CONFIRM) == _mark(done):
                return _made(done, kind)
            db.session.rollback()
            form.form_errors += _faults(done)
    return render_template(
        "admin/paste.html", form=form, kind=kind, contract=contract, tab=kind.tab, done=done, mark=done and _mark(done)
    )


def _mark(done: ListReading) -> str:
    return sha256(repr((done.lines, done.becomes)).encode()).hexdigest()[:16]


def _faults(done: ListReading) -> list[str]:
    more = len(done.faults) - MOST_FAULTS
    return [*map(str, done.faults[:MOST_FAULTS]), *([f"… et {more} autres."] if more > 0 else [])]


def _made(done: ListReading, kind: PastedList) -> ResponseReturnValue:
    own = url_for("admin.accounts") if kind.what == "personnes" else list_of(done.contract, kind.tab)
    to = onward(own)
    links = [(user.name, user.email, path) for user, path in done.links]
    db.session.commit()
    flash(f"{counted(done.made, *kind.one)}.", "success")
    settings = current_app.config["SETTINGS"]
    if links and settings.mail_server is None:
        return render_template("admin/links.html", links=links, base=settings.base_url, to=to)
    return redirect(to)
