"""This year's answers beside last year's, with what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from grants.domain.campaign.criteria import Verdict
from grants.domain.dossier.means import staff_in_words
from grants.domain.dossier.questions import for_reading
from grants.domain.ledger.differences import Parts, TextPart, apart, same
from grants.domain.money import per_head
from grants.french import day, euros, whole
from grants.models import Project, Provenance
from grants.queries.sheet.sheet import Labels
from grants.words import word


class AnswerFate(StrEnum):
    """What became of an answer since last year, as the page says it."""

    SAME = "inchangé"
    CHANGED = "modifié"
    REWRITTEN = "réécrit"
    ADDED = "nouveau"
    DROPPED = "plus rien cette année"
    ALONE = ""  # nothing to compare it with


@dataclass(frozen=True)
class ComparedAnswer:
    """`now` and `then`: this year's words and last year's, where they are not the same; `gap`:
    between two figures."""

    label: str
    now: Parts
    then: Parts
    fate: AnswerFate
    gap: str = ""

    @property
    def changed(self) -> bool:
        return self.fate not in (AnswerFate.SAME, AnswerFate.ALONE)


@dataclass(frozen=True)
class DossierAnswer:
    """One answer of one dossier. `prose`: words in it may differ; else it differs as a whole.
    `bare`: what is compared, where it is not the text."""

    label: str
    text: str
    prose: bool = False
    figure: Decimal | int | None = None
    unit: Callable[[Decimal], str] = euros
    bare: str = ""


NOTHING = DossierAnswer("", "")


def answers(
    project: Project, before: Project | None, labels: Labels, verdicts: Iterable[Verdict]
) -> list[ComparedAnswer]:
    """In the order of the dossier; what neither year answers is left out."""
    mine, theirs = _by_label(_answers_of(project, labels)), {}
    comparable = False
    if before is not None:
        # What an imported one does not say was not said to us, rather than not at all.
        theirs, comparable = _by_label(_answers_of(before, labels)), before.provenance is Provenance.TYPED
    found = []
    for key in (*mine, *(key for key in theirs if key not in mine)):
        now, then = mine.get(key, NOTHING), theirs.get(key, NOTHING)
        if now.text or then.text:
            found.append(_compare(now, then, comparable=comparable))
    criteria = [DossierAnswer(f"Critère : {each.criterion.label}", each.text) for each in verdicts]
    return found + [_compare(one, NOTHING, comparable=False) for one in criteria]


def _compare(now: DossierAnswer, then: DossierAnswer, *, comparable: bool) -> ComparedAnswer:
    label, new, old = now.label or then.label, (TextPart(now.text),), (TextPart(then.text),)
    if not then.text:
        return ComparedAnswer(label, new, (), AnswerFate.ADDED if comparable else AnswerFate.ALONE)
    if not now.text:
        return ComparedAnswer(label, (), old, AnswerFate.DROPPED)
    if same(now.bare or now.text, then.bare or then.text):
        return ComparedAnswer(label, new, (), AnswerFate.SAME)
    if not now.prose:
        return ComparedAnswer(label, new, old, AnswerFate.CHANGED, _gap(now, then))
    marked = apart(now.text, then.text)
    if marked is None:
        return ComparedAnswer(label, new, old, AnswerFate.REWRITTEN)
    return ComparedAnswer(label, *marked, AnswerFate.CHANGED)


def _gap(now: DossierAnswer, then: DossierAnswer) -> str:
    if now.figure is None or then.figure is None:
        return ""
    gap = Decimal(now.figure - then.figure)
    return f"{'+ ' if gap > 0 else ''}{now.unit(gap)}"


def _by_label(answers: Iterable[DossierAnswer]) -> dict[tuple[str, int], DossierAnswer]:
    """A label that stands twice is told apart by its turn."""
    turns: Counter[str] = Counter()
    found = {}
    for each in answers:
        turns[each.label] += 1
        found[each.label, turns[each.label]] = each
    return found


def _answers_of(project: Project, labels: Labels) -> list[DossierAnswer]:
    return [*_known(project, labels), *_prose(project), *_figures(project)]


def _known(project: Project, labels: Labels) -> list[DossierAnswer]:
    kind = word(project.kind)
    if project.year_of:
        kind += f" (année {project.year_of} sur {project.years_total})"
    own = project.applicant_theme_id
    elsewhere = labels.path(own) if own != project.theme_id else ""
    return [
        DossierAnswer("Titre de l'action", project.title, prose=True),
        DossierAnswer("Porteur", project.organisation.name),
        DossierAnswer("Classement", labels.path(project.theme_id)),
        DossierAnswer("Choix du porteur", elsewhere),
        DossierAnswer("Nature de l'action", kind),
        DossierAnswer("Commune", labels.communes.get(project.commune_id or 0, "")),
        DossierAnswer("Autres communes", ", ".join(labels.other_communes[project.id])),
        DossierAnswer("Quartiers concernés", ", ".join(labels.zones[project.id])),
        DossierAnswer("Thématiques transversales", ", ".join(labels.cross_themes[project.id])),
    ]


def _prose(project: Project) -> list[DossierAnswer]:
    in_charge = (project.in_charge_name, project.in_charge_phone, project.in_charge_email)
    return [
        DossierAnswer("Objectifs de l'action", project.objectives, prose=True),
        DossierAnswer("Description de l'action", project.description, prose=True),
        DossierAnswer("Public visé", project.audience, prose=True),
        DossierAnswer("Lieu de l'action", project.place, prose=True),
        _dates(project),
        DossierAnswer("Rythme et étapes", project.schedule, prose=True),
        DossierAnswer("Moyens matériels et humains", project.means, prose=True),
        DossierAnswer("Personnes", staff_in_words(project.staff), prose=True),
        DossierAnswer("Évaluation et indicateurs", project.evaluation, prose=True),
        DossierAnswer("Responsable de l'action", ", ".join(filter(None, in_charge))),
        *(DossierAnswer(label, text, prose=True) for label, text in for_reading(project)),
    ]


def _dates(project: Project) -> DossierAnswer:
    """The same days of the next year are the same dates."""
    if project.starts_on is None or project.ends_on is None:
        return DossierAnswer("Dates", "")
    both = project.starts_on, project.ends_on
    years = [each.year - project.year for each in both]
    bare = " ".join(f"{each:%m-%d}" for each in both)
    return DossierAnswer("Dates", " – ".join(day(each) for each in both), bare=f"{bare} {years}")


def _figures(project: Project) -> list[DossierAnswer]:
    each = per_head(project.total_cost, project.beneficiaries)
    return [
        _count("Nombre de bénéficiaires attendu", project.beneficiaries),
        _count("Dont habitants du quartier prioritaire", project.beneficiaries_qpv),
        _amount("Coût total", project.total_cost),
        _amount("Coût par bénéficiaire", each),
    ]


def _amount(label: str, euro: Decimal | None) -> DossierAnswer:
    return DossierAnswer(label, "" if euro is None else euros(euro), figure=euro)


def _count(label: str, number: int | None) -> DossierAnswer:
    text = "" if number is None else whole(number)
    return DossierAnswer(label, text, figure=number, unit=lambda gap: whole(int(gap)))
