"""What is refused of a decision, and all that it says (French)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from grants.domain.instruction import many
from grants.errors import Conflict, DomainError

LineKey = tuple[int, int]  # project and funder


class Code(Enum):
    """What is refused: the field of the form that it concerns, its words, those of a list of what
    an action leaves out, and those of an undoing."""

    def __init__(self, field: str | None, message: str, brief: str = "", undoing: str = "") -> None:
        self.field = field
        self.message = message
        self.brief = brief
        self.undoing = undoing

    CLOSED = (
        None,
        "Ce dossier n'est pas (ou plus) recevable : aucune décision possible.",
        "état du dossier : {state}",
        "le dossier n'est plus recevable",
    )
    NOT_ASKED = (
        None,
        "Ce financeur n'a pas été sollicité : ouvrez d'abord sa ligne.",
        "ce financeur n'est pas sollicité",
    )
    OPENING = (
        "raised_reason",
        "Ce financeur n'a pas été sollicité pour ce dossier : indiquez pourquoi il s'en saisit.",
    )
    NOT_IN_CALL = None, "Ce financeur ne participe pas à cet appel."
    ELSEWHERE = None, "{why}, et ce dossier ne la nomme pas."
    CHANGED = None, "Cette ligne a changé entre-temps : elle dit maintenant {now}."
    DECIDED = (
        "proposed",
        "La décision est déjà prise : révisez-la plutôt que de proposer.",
        "la décision est déjà prise ({outcome})",
    )
    NO_OUTCOME = "outcome", "Choisissez une décision."
    NOT_GRANTED = "outcome", "Seul un accord peut être annulé."
    REASON = "reason", "Indiquez le motif."
    REVISION = (
        "revision_reason",
        "Cette décision est déjà prise (ou la programmation validée) : indiquez pourquoi elle change.",
    )
    VALIDATED = ("revision_reason", "La programmation est validée : indiquez pourquoi ce montant change.")
    SOURCE = (
        "typed_from",
        "Indiquez la source (courriel, comité, arrêté…) : vous écrivez pour le compte de {institution}.",
    )
    NEGATIVE = "proposed", "Le montant proposé ne peut pas être négatif."
    PROPOSED_BEYOND_COST = (
        "proposed",
        "Le montant proposé dépasse le coût total de l'action ({cost}) : diminuez-le.",
        "le montant demandé dépasse le coût total de l'action",
    )
    PROPOSED_BEYOND_REQUEST = (
        "raised_reason",
        "Le montant proposé dépasse le montant demandé ({requested}) : indiquez pourquoi il est"
        " relevé, ou diminuez-le.",
    )
    NO_AMOUNT = ("granted", "Indiquez le montant accordé, plus grand que zéro.", "rien n'est proposé")
    BEYOND_REQUEST = (
        "raised_reason",
        "Le montant accordé dépasse le montant demandé ({requested}) : indiquez pourquoi il est"
        " relevé, ou diminuez-le.",
        "il est proposé plus que demandé : à décider sur sa fiche, avec un motif",
        "l'accord de {amount} dépasserait ce qui est demandé maintenant ({requested}).",
    )
    BEYOND_COST = (
        "granted",
        "Les accords dépasseraient le coût total de l'action ({cost}, dont {beside} déjà accordés"
        " par d'autres). Diminuez ce montant.",
        "avec ce que d'autres accordent, le coût total de l'action serait dépassé",
        "les accords dépasseraient le coût total de l'action ({cost}).",
    )
    NO_ENVELOPE = (
        "granted",
        "Ce financeur n'a pas d'enveloppe pour cet appel : rien ne peut être accordé."
        " L'administrateur doit d'abord la saisir.",
    )
    DEFICIT = (
        "granted",
        "L'enveloppe a été réduite sous ce qui est accordé (déficit de {lacking}) : rien de plus"
        " ne peut être accordé. Un accord peut encore être diminué ou annulé.",
    )
    BEYOND_ENVELOPE = (
        "granted",
        "L'enveloppe serait dépassée : il reste {left}, il en faudrait {needed}, soit {lacking}"
        " de trop. Diminuez ce montant, ou annulez une autre décision d'abord.",
    )
    NOT_COUNTING = (
        None,
        "Ce dossier est retiré ou irrecevable : il n'y a plus rien à notifier.",
        "état du dossier : {state}",
    )
    UNDECIDED = None, "Il n'y a pas encore de décision à notifier.", "rien n'est décidé"
    UNCONFIRMED = (
        None,
        "Ce montant est saisi pour l'institution, qui ne l'a pas encore confirmé : demandez-lui de le confirmer.",
        "saisi pour l'institution, qui ne l'a pas encore confirmé",
    )
    ACT_NUMBER = "act_number", "Indiquez le numéro de l'acte (arrêté, délibération)."
    ACT_DATE = "act_date", "Indiquez la date de l'acte."
    UNREADABLE = None, "{why}"
    CONFIRMED = None, "Il n'y a rien à confirmer sur cette ligne.", "rien à confirmer"


# Fields that say why: they are asked of whoever writes, rather than refused.
REASONS = ("reason", "raised_reason", "revision_reason", "typed_from")


@dataclass(frozen=True)
class Refusal:
    """`figures`: what fills the words of its code."""

    code: Code
    figures: dict[str, str]

    @property
    def message(self) -> str:
        return self.code.message.format(**self.figures)

    @property
    def brief(self) -> str:
        return self.code.brief.format(**self.figures)

    @property
    def undoing(self) -> str:
        return self.code.undoing.format(**self.figures)


def refusal(code: Code, **figures: str) -> Refusal:
    return Refusal(code, figures)


class Refused(DomainError):
    """What was refused of one line or of many: message and field are the first one's. `refusals`: of
    which project and funder, where it is about one; `references`: of the projects, by id."""

    def __init__(self, refusals: Sequence[tuple[LineKey | None, Refusal]], references: Mapping[int, str]) -> None:
        super().__init__(refusals[0][1].message, refusals[0][1].code.field)
        self.refusals = refusals
        self.references = references

    @property
    def messages(self) -> list[tuple[str | None, str]]:
        """Give what is refused of the first line: a form shows one."""
        first, _ = self.refusals[0]
        return [(why.code.field, why.message) for key, why in self.refusals if key == first]


class Stale(Refused, Conflict):
    """Somebody else has changed these lines meanwhile."""


@contextmanager
def naming() -> Iterator[None]:
    """What decisions on many lines are refused for names the projects, as `many.do_each` does."""
    try:
        yield
    except Refused as refused:
        references: dict[str, list[str]] = {}
        firsts = {key: why for key, why in reversed(refused.refusals) if key}
        for (project_id, _), why in sorted(firsts.items()):
            if why.code.field in many.TYPED:
                raise DomainError(why.message, why.code.field) from None
            references.setdefault(why.message, []).append(refused.references[project_id])
        if isinstance(refused, Stale):
            raise Conflict(f"{many.refusal(references)} {many.LIST}") from None
        many.refuse(references)
        raise
