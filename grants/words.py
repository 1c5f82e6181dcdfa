"""The French words for what the code names, in one place."""

from __future__ import annotations

from enum import StrEnum

from grants.models import (
    AnswerType,
    Checked,
    DocumentKind,
    EnvelopeStatus,
    Judgement,
    Kind,
    MemberRole,
    Nature,
    OtherFunding,
    Outcome,
    Role,
    Side,
    State,
)

# What a decision says besides its amount, under the same words wherever it is asked.
REASONS = {
    "reason": "Motif",
    "raised_reason": "Pourquoi plus que demandé ?",
    "revision_reason": "Pourquoi ce changement ?",
    "typed_from": "Source : courriel, comité, arrêté",
}
NATURES = {
    Nature.ASSOCIATION: "associations",
    Nature.MUNICIPAL_SERVICE: "services municipaux",
    Nature.PUBLIC_BODY: "établissements publics",
    Nature.LANDLORD: "bailleurs sociaux",
    Nature.OTHER: "autres organismes",
}
WORDS: dict[StrEnum, str] = {
    State.DRAFT: "brouillon",
    State.SUBMITTED: "déposé",
    State.INCOMPLETE: "pièces demandées",
    State.ADMISSIBLE: "recevable",
    State.INADMISSIBLE: "irrecevable",
    State.WITHDRAWN: "retiré",
    State.CLOSED: "clos",
    Outcome.PENDING: "en attente",
    Outcome.ACCEPTED: "accordé",
    Outcome.REJECTED: "refusé",
    Outcome.DEFERRED: "reporté",
    Outcome.CANCELLED: "annulé",
    Kind.NEW: "nouvelle",
    Kind.RENEWAL: "renouvellement",
    Kind.MULTIYEAR: "pluriannuelle (CPO)",
    Nature.ASSOCIATION: "association",
    Nature.MUNICIPAL_SERVICE: "service municipal",
    Nature.PUBLIC_BODY: "établissement public",
    Nature.LANDLORD: "bailleur social",
    Nature.OTHER: "autre",
    Role.ADMINISTRATOR: "administrateur",
    Role.COORDINATOR: "chef de projet",
    Role.INSTRUCTOR: "instructeur",
    Role.COMMITTEE: "membre du comité",
    MemberRole.EDITOR: "rédacteur",
    MemberRole.SIGNATORY: "signataire",
    Judgement.FAVOURABLE: "favorable",
    Judgement.RESERVED: "favorable avec réserves",
    Judgement.UNFAVOURABLE: "défavorable",
    EnvelopeStatus.PROVISIONAL: "provisoire",
    EnvelopeStatus.NOTIFIED: "notifiée",
    AnswerType.TEXT: "texte",
    AnswerType.NUMBER: "nombre entier",
    AnswerType.CHOICE: "choix dans une liste",
    AnswerType.YES_NO: "oui ou non",
    Side.EXPENSE: "charge",
    Side.INCOME: "produit",
    OtherFunding.ASKED: "demandé",
    OtherFunding.OBTAINED: "obtenu",
    OtherFunding.REFUSED: "refusé",
    Checked.OK: "conforme",
    Checked.MISSING: "manque",
    Checked.NOT_CONCERNED: "sans objet",
}


# Apart: members of two enumerations with one value (OTHER) are equal, so one key of a dictionary.
DOCUMENTS: dict[DocumentKind, str] = {
    DocumentKind.STATUTES: "Statuts",
    DocumentKind.LEADERS: "Liste des dirigeants",
    DocumentKind.BANK_DETAILS: "Relevé d'identité bancaire (RIB)",
    DocumentKind.ACCOUNTS: "Comptes approuvés du dernier exercice clos",
    DocumentKind.AUDITOR_REPORT: "Rapport du commissaire aux comptes",
    DocumentKind.ACTIVITY_REPORT: "Dernier rapport d'activité",
    DocumentKind.POWER_OF_ATTORNEY: "Pouvoir donné au signataire",
    DocumentKind.OTHER: "Autre document",
}


def word(value: StrEnum) -> str:
    return DOCUMENTS[value] if isinstance(value, DocumentKind) else WORDS[value]
