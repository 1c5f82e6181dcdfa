"""The forms of the settings pages: shape only; the rules are the domain's."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, IntegerField, SelectField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from grants.domain.contract.contract import FIRST_YEAR, LAST_YEAR
from grants.domain.importing.usual import USUAL_CAMPAIGNS, USUAL_CONTRACTS
from grants.models import EnvelopeStatus
from grants.web.fields import Checkboxes, line, one_line, paragraphs
from grants.web.forms import AmountField, DayField, Form
from grants.web.versioned import MergedForm, UnversionedForm
from grants.words import word

MOST_LEVELS = 6
FILL = "Remplissez ce champ."
PRESET_CHOICES = {code: usual.label for code, usual in USUAL_CAMPAIGNS.items() if usual.parts.asks}
YEAR_RANGE = NumberRange(FIRST_YEAR, LAST_YEAR, f"Écrivez une année entre {FIRST_YEAR} et {LAST_YEAR}.")


def year(label: str, description: str = "") -> IntegerField:
    return IntegerField(label, [InputRequired("Écrivez une année."), YEAR_RANGE], description=description)


def time_field(label: str, **more: Any) -> TimeField:
    return TimeField(
        label,
        [Optional()],
        format=["%H:%M", "%H:%M:%S", "%Hh%M"],
        invalid_value_message="Écrivez une heure, par exemple 14:30.",
        **more,
    )  # type: ignore[call-arg]


class LinesField(TextAreaField):
    """One item a line; `data` is the list of those that are not empty."""

    data: list[str] | None  # type: ignore[assignment]
    most, longest = MOST_LEVELS, 40

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]) if valuelist else ""
        self.data = [one_line(item) for item in text.splitlines() if item.strip()]
        if "\x00" in text or any(len(i) > self.longest for i in self.data):
            raise ValueError(f"Écrivez {self.longest} caractères au plus par ligne.")
        if len(self.data) > self.most:
            raise ValueError(f"Écrivez {self.most} lignes au plus.")

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else "\n".join(self.data or [])


class ContractForm(UnversionedForm):
    label = line("Nom du contrat", needed=FILL)
    start_year = year("Première année")
    end_year = year("Dernière année")
    level_names = LinesField(
        "Niveaux de l'arborescence",
        render_kw={"rows": 4},
        description="Un par ligne, du plus large au plus précis. Par exemple : Pilier, Axe, Orientation, Objectif.",
    )
    priority_area = line("Quartier prioritaire")
    service_text = paragraphs(
        "Service qui instruit les dossiers",
        rows=4,
        description="Nom, adresse, téléphone et courriel. Figure sur l'accusé de réception.",
    )
    appeal_text = paragraphs("Voies et délais de recours", rows=4, description="Figure sur l'accusé de réception.")


class NewContractForm(ContractForm):
    preset = SelectField(
        "Partir d'un modèle",
        choices={"": "Non, de rien", **USUAL_CONTRACTS},
        default="",
        description="Ses niveaux, thèmes, institutions et financeurs, que vous corrigez ensuite.",
    )
    slug = line(
        "Adresse des pages",
        80,
        description="Lettres minuscules sans accent, chiffres et tirets, par exemple"
        " ville-du-pont. Laissez vide : elle sera tirée du nom. Elle ne change plus ensuite.",
    )


def commune_field(label: str) -> SelectField:
    """Of a contract that has several (`parts.among_communes`)."""
    return SelectField(label, coerce=lambda value: int(value) if value else None)


class InstitutionForm(UnversionedForm):
    label = line("Nom", needed=FILL, description="Par exemple État, Ville, Département.")
    outside = BooleanField(
        "Hors de la plateforme",
        description="Personne de cette institution ne se connecte ici : le chef de projet écrit pour elle.",
    )
    delegates = BooleanField(
        "Délègue la saisie au chef de projet",
        description="Ses instructeurs confirment ensuite ce qui est saisi pour elle.",
    )


class FunderForm(UnversionedForm):
    code = line(
        "Code",
        20,
        needed=FILL,
        description="Court et sans espace : l'en-tête de la colonne dans les tableaux. Par exemple CGET, VILLE.",
    )
    label = line("Nom", needed=FILL, description="La ligne de crédit, par exemple « État – CGET ».")
    commune_id = commune_field("Ne finance que les actions de")


class CommuneForm(UnversionedForm):
    label = line("Nom", needed=FILL)
    insee = line("Code INSEE", 5, needed=FILL, description="Cinq chiffres : pas le code postal. Par exemple 57463.")


class ZoneForm(UnversionedForm):
    label = line("Nom", needed=FILL)
    code = line("Code", 8, description="De la liste officielle, par exemple QN05701M. Vide s'il n'en a pas.")
    commune_id = commune_field("Commune")
    priority = BooleanField(
        "Dans le quartier prioritaire",
        default=True,
        description="Décochez pour un secteur hors quartier prioritaire (« hors QPV »).",
    )


class CrossThemeForm(UnversionedForm):
    label = line("Nom", needed=FILL)


class ThemePlaceForm(Form):
    parent = SelectField("Placé sous", coerce=int)
    depth = SelectField("Niveau", coerce=int, description="Un niveau peut être sauté : un pilier sans axes.")


class ThemeForm(UnversionedForm):
    label = paragraphs("Intitulé", needed=FILL, rows=2)
    number = IntegerField(
        "Numéro",
        [Optional(), NumberRange(1, 999, "Écrivez un numéro entre 1 et 999.")],
        description="Laissez vide s'il n'y en a pas.",
    )
    call_kind = line("Réservé au dispositif", 80, description="Laissez vide pour l'ouvrir à tous les appels.")


class NewThemeForm(ThemePlaceForm, ThemeForm):
    """Its place first, then what it says."""


class CampaignForm(MergedForm):
    year = year(
        "Année", "Celle du budget qui paie : d'une année scolaire 2026-2027 payée sur le budget 2026, écrivez 2026."
    )
    kind = line(
        "Dispositif",
        80,
        needed=FILL,
        description="Le même mot d'une année à l'autre, pour pouvoir comparer : Contrat de ville, VVV…",
    )
    label = line("Nom de l'appel", needed=FILL, description="Par exemple « Contrat de ville 2027 ».")
    introduction = paragraphs(
        "Présentation",
        rows=5,
        description="Ce que l'appel finance, en quelques phrases : sur la page d'accueil et celle de l'appel.",
    )
    priorities = paragraphs(
        "Priorités de l'année",
        rows=4,
        description="Ce que les financeurs attendent cette fois : sur la page de l'appel.",
    )
    opens_on = DayField(
        "Ouvre le",
        description="Laissez les dates vides tant qu'elles ne sont pas connues. Personne ne voit l'appel avant que"
        " vous ne l'ouvriez.",
    )
    opens_time = time_field("Heure d'ouverture", description="Heure de Paris ; minuit si vous laissez vide.")
    closes_on = DayField("Dernier jour pour déposer")
    closes_time = time_field(
        "Dernière heure pour déposer",
        description="Cette minute comprise, heure de Paris ; 23 h 59 si vous laissez vide.",
    )
    operating = BooleanField(
        "Il finance le fonctionnement des organisations, et non des actions",
        description="Le dossier ne demande alors ni public, ni calendrier, ni moyens ; son budget est celui de"
        " l'organisation.",
    )
    correct_until_examined = BooleanField(
        "Un dossier déposé peut être corrigé même après la clôture, jusqu'au début de son examen",
        description="Sinon, jusqu'à la clôture, tant que vous ne vous êtes pas prononcé. La"
        " correction ne compte qu'une fois signée et déposée à son tour.",
    )
    committee_dates = paragraphs(
        "Quand les comités se réunissent",
        rows=2,
        description="En quelques mots, par exemple « Comités techniques en mars 2027, comité de"
        " pilotage mi-avril. » : les porteurs le lisent sur leur accusé de réception.",
    )
    funders = Checkboxes("Financeurs de l'appel", coerce=int)


class NewCampaignForm(CampaignForm):
    preset = SelectField(
        "Partir de ce que demande un dispositif",
        choices={"": "Non, de rien", **{code: usual.label for code, usual in USUAL_CAMPAIGNS.items()}},
        default="",
        description="Ses pièces, questions, contrôles et critères usuels, que vous corrigez ensuite.",
    )


class EnvelopeForm(MergedForm):
    amount = AmountField("Montant (en euros)", [InputRequired("Écrivez un montant.")])
    status = SelectField("Statut de l'enveloppe", choices={s.value: word(s) for s in EnvelopeStatus})
    dated_on = DayField("Date", description="De l'annonce, de la notification ou de la coupe.")
    source = paragraphs("Source", rows=2, description="Délibération, arrêté, courriel…")
    campaigns = Checkboxes(
        "Appels couverts",
        coerce=int,
        validators=[DataRequired("Cochez au moins un appel.")],
        description="Une même enveloppe peut couvrir plusieurs appels.",
    )


class AccountForm(Form):
    name = line("Nom", needed=FILL)


class AddressForm(Form):
    email = line(
        "Adresse de courriel",
        254,
        needed=FILL,
        description="Vous répondez qu'elle est à cette personne : elle vaut aussitôt, et l'ancienne en est prévenue.",
    )


class RoleForm(Form):
    role = SelectField("Rôle", validators=[DataRequired("Choisissez un rôle.")])


class NewAccountForm(Form):
    name = line("Nom", needed=FILL, description="Prénom et nom.")
    email = line("Adresse de courriel", 254, needed=FILL, render_kw={"autocomplete": "off"})
    role = SelectField(
        "Rôle", description="D'autres rôles peuvent s'ajouter ensuite. Un porteur de projet n'en a pas besoin."
    )
