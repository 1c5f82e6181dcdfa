"""What a call wants a dossier's figures to reach ("at least half of them girls").

A criterion says that some figures are at least so many percent of others. It is data of the call,
told to the applicant and to the instructors; it never keeps a dossier from being deposited.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from grants.database import db
from grants.domain.contract.contract import lock
from grants.domain.ledger import history
from grants.errors import DomainError
from grants.french import whole as in_words
from grants.models import AnswerType, Campaign, Question, User

# Figures of every dossier; those of the call's questions are named `q12`.
COMMON = {
    "beneficiaries": "Nombre de bénéficiaires attendu",
    "beneficiaries_qpv": "Dont habitants du quartier prioritaire",
}
MOST_CRITERIA = 20
NOT_YET = "à vérifier quand ces nombres seront remplis"


@dataclass(frozen=True)
class Criterion:
    """The sum of `part` is at least `percent` of the sum of `total`; both name figures."""

    label: str
    part: tuple[str, ...]
    total: tuple[str, ...]
    percent: int
    archived: bool = False

    @property
    def names(self) -> set[str]:
        return {*self.part, *self.total}

    def renamed(self, names: dict[str, str]) -> Criterion:
        """The same of another call, whose questions have other names."""
        return replace(
            self,
            part=tuple(names.get(name, name) for name in self.part),
            total=tuple(names.get(name, name) for name in self.total),
        )


@dataclass(frozen=True)
class Verdict:
    """`part`, `total`: `None` while a figure is missing."""

    criterion: Criterion
    part: int | None
    total: int | None

    @property
    def met(self) -> bool | None:
        """Nothing of nothing is not known yet; more than the total is a slip."""
        if self.part is None or not self.total:
            return None
        return self.criterion.percent * self.total <= self.part * 100 <= self.total * 100

    @property
    def text(self) -> str:
        """`12 sur 30, non atteint`; static/js/criteria.js says the same while typing."""
        if self.met is None or self.part is None or self.total is None:
            return NOT_YET
        said = f"{in_words(self.part)} sur {in_words(self.total)}"
        if self.part > self.total:
            return f"{said} : vérifiez ces nombres"
        return f"{said}, {'atteint' if self.met else 'non atteint'}"


def field_name(question: Question) -> str:
    """Of its field in the form, and of its figure in criteria."""
    return f"q{question.id}"


def criteria_of(campaign: Campaign) -> list[Criterion]:
    """Those that are told: not removed, of figures that are asked."""
    if not campaign.criteria:
        return []
    asked = figures_to_choose(campaign).keys()
    return [one for one in all_criteria(campaign) if not one.archived and one.names <= asked]


def all_criteria(campaign: Campaign) -> list[Criterion]:
    return [Criterion(**row | {side: tuple(row[side]) for side in ("part", "total")}) for row in campaign.criteria]


def verdict(criterion: Criterion, figures: dict[str, int | None]) -> Verdict:
    """`figures` by name; a name that it lacks is a figure that is missing."""
    return Verdict(criterion, _sum(criterion.part, figures), _sum(criterion.total, figures))


def _sum(names: Iterable[str], figures: dict[str, int | None]) -> int | None:
    known = [figures.get(name) for name in names]
    return None if None in known else sum(figure or 0 for figure in known)


def figures_to_choose(campaign: Campaign) -> dict[str, str]:
    """The names of figures that a criterion of this call may compare, and their labels."""
    asked = {
        field_name(question): question.label
        for question in campaign.questions
        if question.type is AnswerType.NUMBER and not question.archived
    }
    return {**COMMON, **asked}


def add_criterion(campaign: Campaign, criterion: Criterion, *, by: User) -> None:
    """In place of one of this label that is not told. Raises `DomainError` at the field for one that
    makes no sense."""
    lock(campaign.contract)
    _check(campaign, criterion, criteria_of(campaign))
    others = [one for one in all_criteria(campaign) if one.label != criterion.label]
    set_criteria(campaign, [*others, criterion], by=by)
    refuse_too_many(campaign)


def refuse_too_many(campaign: Campaign) -> None:
    if len(criteria_of(campaign)) > MOST_CRITERIA:
        raise DomainError(f"Un appel a {MOST_CRITERIA} critères au plus : retirez-en d'abord.", "label")


def _check(campaign: Campaign, criterion: Criterion, known: list[Criterion]) -> None:
    if not criterion.label:
        raise DomainError("Écrivez le critère.", "label")
    if criterion.label in {one.label for one in known}:
        raise DomainError("Ce critère existe déjà.", "label")
    if not 1 <= criterion.percent <= 100:
        raise DomainError("Écrivez un pourcentage entre 1 et 100.", "percent")
    for names, field in ((criterion.part, "part"), (criterion.total, "total")):
        if not names or not set(names) <= figures_to_choose(campaign).keys():
            raise DomainError("Cochez au moins un des nombres de la liste.", field)


def archive_criterion(campaign: Campaign, label: str, archived: bool, *, by: User) -> None:
    """Removed, or back. Raises `DomainError` where it would not be told, or as `add_criterion`."""
    lock(campaign.contract)
    found = [replace(one, archived=archived) if one.label == label else one for one in all_criteria(campaign)]
    set_criteria(campaign, found, by=by)
    if not archived and label not in {one.label for one in criteria_of(campaign)}:
        raise DomainError("Remettez d'abord la question dont ce critère compte les réponses.")
    refuse_too_many(campaign)


def set_criteria(campaign: Campaign, criteria: list[Criterion], *, by: User) -> None:
    before = all_criteria(campaign)
    if before == criteria:
        return
    old, new = (", ".join(one.label for one in ones if not one.archived) for ones in (before, criteria))
    campaign.criteria = [asdict(one) for one in criteria]
    history.record(campaign, "update", by=by, field="criteria", old=old, new=new)
    db.session.flush()
