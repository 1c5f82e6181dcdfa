"""The questions, criteria and pieces that a kind of call usually starts with (data, not code
paths).

An administrator takes them when a call is made and changes them at will: nothing later asks
which preset a call came from.
"""

from __future__ import annotations

from dataclasses import dataclass

from grants.domain.campaign.campaign_list import PieceTerms, add_item
from grants.domain.campaign.criteria import Criterion, field_name, set_criteria
from grants.domain.campaign.question import QuestionTerms, add_question
from grants.errors import DomainError
from grants.models import AnswerType, Campaign, CampaignPiece, DocumentKind, Question, User

TEXT, NUMBER, CHOICE, YES_NO = AnswerType


@dataclass(frozen=True)
class Ask:
    """`code` names it within its preset; `shown_if`: another's code and answer."""

    code: str
    label: str
    type: AnswerType
    choices: tuple[str, ...] = ()
    help: str = ""
    shown_if: tuple[str, str] | None = None


USUAL_PIECES = tuple(
    PieceTerms("", "", required=True, kind=kind) for kind in (DocumentKind.BANK_DETAILS, DocumentKind.STATUTES)
)


@dataclass(frozen=True)
class Preset:
    label: str
    asks: tuple[Ask, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    pieces: tuple[PieceTerms, ...] = USUAL_PIECES


STAY = "Séjour"
PRESETS = {
    "VVV": Preset(
        "Ville Vie Vacances (VVV)",
        (
            Ask("period", "Période de vacances", CHOICE, ("Hiver", "Printemps", "Été", "Toussaint", "Fin d'année")),
            Ask("form", "Séjour ou sorties", CHOICE, (STAY, "Sorties", "Activités sur place")),
            Ask("nights", "Nombre de nuits", NUMBER, shown_if=("form", STAY)),
            Ask("young", "Jeunes de 11 à 14 ans", NUMBER, help="Nombre attendu ; 0 s'il n'y en a pas."),
            Ask("older", "Jeunes de 15 à 18 ans", NUMBER, help="Nombre attendu ; 0 s'il n'y en a pas."),
            Ask("girls", "Nombre de filles", NUMBER),
            Ask("boys", "Nombre de garçons", NUMBER),
        ),
        (
            Criterion("au moins la moitié de filles", ("girls",), ("girls", "boys"), 50),
            Criterion("tous ont de 11 à 18 ans", ("young", "older"), ("beneficiaries",), 100),
            Criterion("tous habitent le quartier prioritaire", ("beneficiaries_qpv",), ("beneficiaries",), 100),
        ),
        (
            *USUAL_PIECES,
            PieceTerms(
                "Projet pédagogique", "Programme du séjour ou des sorties, encadrement.", required=False, kind=None
            ),
        ),
    ),
    "PRE": Preset(
        "Réussite éducative (PRE)",
        (
            Ask(
                "courses",
                "Nombre de parcours individuels",
                NUMBER,
                help="Ne donnez aucun renseignement sur un enfant en particulier.",
            ),
            Ask("groups", "L'action comprend-elle des groupes ?", YES_NO),
            Ask("count", "Nombre de groupes", NUMBER, shown_if=("groups", "oui")),
        ),
    ),
    "DPV": Preset(
        "Dotation politique de la ville (DPV)",
        (Ask("nature", "Nature de la dépense", CHOICE, ("Investissement", "Fonctionnement")),),
    ),
    "TFPB": Preset(
        "Abattement de TFPB (bailleurs)",
        (
            Ask("landlord", "Bailleur", TEXT),
            Ask("dwellings", "Nombre de logements concernés", NUMBER),
            Ask(
                "axis",
                "Axe du programme d'actions",
                CHOICE,
                (
                    "Renforcement de la présence du personnel de proximité",
                    "Formation et soutien des personnels de proximité",
                    "Sur-entretien",
                    "Gestion des déchets, encombrants et épaves",
                    "Tranquillité résidentielle",
                    "Concertation et sensibilisation des locataires",
                    "Animation, lien social, vivre ensemble",
                    "Petits travaux d'amélioration de la qualité de service",
                ),
            ),
            Ask("valued", "Part valorisée au titre de l'abattement de TFPB (en euros)", NUMBER),
        ),
    ),
    "FIPD": Preset(
        "FIPD-R",
        (
            Ask(
                "programme",
                "Programme",
                CHOICE,
                (
                    "D – prévention de la délinquance",
                    "R – prévention de la radicalisation",
                    "K – sécurisation des sites sensibles",
                    "S – vidéoprotection et autres équipements de sécurité",
                ),
            ),
        ),
    ),
}


def start_with(campaign: Campaign, code: str, *, by: User) -> None:
    """Give a call the questions and criteria of a preset; no code, nothing.

    Raises `DomainError` for an unknown code, or a call that asks something already.
    """
    if not code:
        return
    preset = PRESETS.get(code)
    if preset is None:
        raise DomainError("Choisissez un dispositif de la liste.", "preset")
    if campaign.questions:
        raise DomainError("Cet appel a déjà des questions : complétez-les une à une.", "preset")
    made: dict[str, Question] = {}
    for ask in preset.asks:
        above, answer = ask.shown_if or ("", "")
        terms = QuestionTerms(
            ask.label,
            ask.type,
            ask.help,
            ask.choices,
            required=True,
            shown_if_id=made[above].id if above else None,
            shown_if_answer=answer,
        )
        made[ask.code] = add_question(campaign, terms, by=by)
    names = {code: field_name(question) for code, question in made.items()}
    set_criteria(campaign, [one.renamed(names) for one in preset.criteria], by=by)


def ask_usual_pieces(campaign: Campaign, code: str, *, by: User) -> None:
    """What a new call of this kind asks to be sent; no code, nothing."""
    for terms in PRESETS[code].pieces if code else ():
        add_item(CampaignPiece, campaign, terms, by=by)
