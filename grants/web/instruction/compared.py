"""This year's answers beside last year's, with what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from grants.domain.call.criteria import Verdict
from grants.domain.dossier.means import staff_in_words
from grants.domain.dossier.questions import for_reading
from grants.domain.ledger.differences import Part, Parts, apart, same
from grants.domain.money import per_head
from grants.french import day, euros, whole
from grants.models import Project, Provenance
from grants.queries.sheet.sheet import Labels
from grants.words import word


class Fate(StrEnum):
    """What became of an answer since last year, as the page says it."""

    SAME = "inchangé"
    CHANGED = "modifié"
    REWRITTEN = "réécrit"
    ADDED = "nouveau"
    DROPPED = "plus rien cette année"
    ALONE = ""  # nothing to compare it with


@dataclass(frozen=True)
class Answer:
    """`now` and `then`: this year's words and last year's, where they are not the same; `gap`:
    between two figures."""

    label: str
    now: Parts
    then: Parts
    fate: Fate
    gap: str = ""

    @property
    def changed(self) -> bool:
        return self.fate not in (Fate.SAME, Fate.ALONE)


@dataclass(frozen=True)
class Said:
    """One answer of one dossier. `prose`: words in it may differ; else it differs as a whole.
    `bare`: what is compared, where it is not the text."""

    label: str
    text: str
    prose: bool = False
    figure: Decimal | int | None = None
    unit: Callable[[Decimal], str] = euros
    bare: str = ""


NOTHING = Said("", "")


def answers(
    project: Project, before: Project | None, labels: Labels, verdicts: Iterable[Verdict]
) -> list[Answer]:
    """In the order of the dossier; what neither year answers is left out."""
    mine, theirs = _by_label(_of(project, labels)), {}
    told = False
    if before is not None:
        # What an imported one does not say was not said to us, rather than not at all.
        theirs, told = _by_label(_of(before, labels)), before.provenance is Provenance.TYPED
    found = []
    for key in (*mine, *(key for key in theirs if key not in mine)):
        now, then = mine.get(key, NOTHING), theirs.get(key, NOTHING)
        if now.text or then.text:
            found.append(_compare(now, then, told=told))
    criteria = [Said(f"Critère : {each.criterion.label}", each.text) for each in verdicts]
    return found + [_compare(said, NOTHING, told=False) for said in criteria]


def _compare(now: Said, then: Said, *, told: bool) -> Answer:
    label, here, there = now.label or then.label, (Part(now.text),), (Part(then.text),)
    if not then.text:
        return Answer(label, here, (), Fate.ADDED if told else Fate.ALONE)
    if not now.text:
        return Answer(label, (), there, Fate.DROPPED)
    if same(now.bare or now.text, then.bare or then.text):
        return Answer(label, here, (), Fate.SAME)
    if not now.prose:
        return Answer(label, here, there, Fate.CHANGED, _gap(now, then))
    marked = apart(now.text, then.text)
    if marked is None:
        return Answer(label, here, there, Fate.REWRITTEN)
    return Answer(label, *marked, Fate.CHANGED)


def _gap(now: Said, then: Said) -> str:
    if now.figure is None or then.figure is None:
        return ""
    gap = Decimal(now.figure - then.figure)
    return f"{'+ ' if gap > 0 else ''}{now.unit(gap)}"


def _by_label(said: Iterable[Said]) -> dict[tuple[str, int], Said]:
    """A label that stands twice is told apart by its turn."""
    turns: Counter[str] = Counter()
    found = {}
    for each in said:
        turns[each.label] += 1
        found[each.label, turns[each.label]] = each
    return found


def _of(project: Project, labels: Labels) -> list[Said]:
    return [*_known(project, labels), *_told(project), *_figures(project)]


def _known(project: Project, labels: Labels) -> list[Said]:
    kind = word(project.kind)
    if project.year_of:
        kind += f" (année {project.year_of} sur {project.years_total})"
    own = project.applicant_theme_id
    elsewhere = labels.path(own) if own != project.theme_id else ""
    return [
        Said("Intitulé", project.title, prose=True),
        Said("Porteur", project.organisation.name),
        Said("Classement", labels.path(project.theme_id)),
        Said("Choix du porteur", elsewhere),
        Said("Nature", kind),
        Said("Quartiers", ", ".join(labels.zones[project.id])),
        Said("Thèmes transversaux", ", ".join(labels.cross_themes[project.id])),
    ]


def _told(project: Project) -> list[Said]:
    in_charge = (project.in_charge_name, project.in_charge_phone, project.in_charge_email)
    return [
        Said("Objectifs", project.objectives, prose=True),
        Said("Description", project.description, prose=True),
        Said("Public", project.audience, prose=True),
        Said("Lieu", project.place, prose=True),
        _dates(project),
        Said("Déroulement", project.schedule, prose=True),
        Said("Moyens", project.means, prose=True),
        Said("Personnes", staff_in_words(project.staff), prose=True),
        Said("Évaluation", project.evaluation, prose=True),
        Said("Responsable", ", ".join(filter(None, in_charge))),
        *(Said(label, text, prose=True) for label, text in for_reading(project)),
    ]


def _dates(project: Project) -> Said:
    """The same days of the next year are the same dates."""
    if project.starts_on is None or project.ends_on is None:
        return Said("Dates", "")
    both = project.starts_on, project.ends_on
    years = [each.year - project.year for each in both]
    bare = " ".join(f"{each:%m-%d}" for each in both)
    return Said("Dates", " – ".join(day(each) for each in both), bare=f"{bare} {years}")


def _figures(project: Project) -> list[Said]:
    each = per_head(project.total_cost, project.beneficiaries)
    return [
        _count("Bénéficiaires", project.beneficiaries),
        _count("Bénéficiaires du quartier prioritaire", project.beneficiaries_qpv),
        _amount("Coût total", project.total_cost),
        _amount("Coût par bénéficiaire", each),
    ]


def _amount(label: str, euro: Decimal | None) -> Said:
    return Said(label, "" if euro is None else euros(euro), figure=euro)


def _count(label: str, number: int | None) -> Said:
    text = "" if number is None else whole(number)
    return Said(label, text, figure=number, unit=lambda gap: whole(int(gap)))
