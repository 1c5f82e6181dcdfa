"""Renewals whose line does not name what they continue: the only dossier of the same bearer, title
and kind of call in the latest earlier year that has any."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace

from grants.domain.importing.dossiers import ImportedDossier, LineageKey
from grants.domain.importing.faults import FileFault, shown
from grants.domain.importing.stored import StoredDossiers
from grants.french import counted

_SAY = "écrire l'intitulé d'alors, ou le dire ensuite à la page « Renouvellements à relier »"


def find_predecessors(new: list[ImportedDossier], stored: StoredDossiers) -> tuple[list[ImportedDossier], list[str]]:
    """The same dossiers, with what was found; and in words: how many were, and each of those that
    found none or several. Those before whose year there is no such call are only counted."""
    held = stored.lineages + Counter(dossier.lineage(dossier.campaign.year, dossier.title) for dossier in new)
    years = _years(held)
    dossiers, remarks, linked, first = [], [], 0, 0
    for dossier in new:
        latest = dossier
        if dossier.continues and not dossier.predecessor:
            _, kind, *action = dossier.lineage(dossier.campaign.year, dossier.title)
            year = _latest(years[kind, *action], dossier.campaign.year)
            if year and held[dossier.lineage(year, dossier.title)] == 1:
                latest = replace(dossier, predecessor=dossier.title, predecessor_year=year)
                linked += 1
            elif _latest(years[kind,], dossier.campaign.year):
                remarks.append(str(_unknown(dossier, year)))
            else:
                first += 1
        dossiers.append(latest)
    return dossiers, [*_counts(linked, first), *remarks]


def _years(held: Iterable[LineageKey]) -> dict[tuple[object, ...], set[int]]:
    """Of each kind of call, and of each action in it."""
    years: dict[tuple[object, ...], set[int]] = defaultdict(set)
    for year, kind, *action in held:
        years[kind,].add(year)
        years[kind, *action].add(year)
    return years


def _latest(years: Iterable[int], before: int) -> int | None:
    return max((year for year in years if year < before), default=None)


def _unknown(dossier: ImportedDossier, year: int | None) -> FileFault:
    many = f"plusieurs dossiers de {year} ont ce porteur et cet intitulé"
    none = f"aucun dossier « {dossier.campaign.kind} » d'avant n'a ce porteur et cet intitulé"
    what = f"vide, et {many if year else none} (« {shown(dossier.title)} ») : {_SAY}"
    return FileFault(dossier.line, "predecesseur", "", what)


def _counts(linked: int, first: int) -> Iterable[str]:
    if linked:
        yield (
            f"{counted(linked, 'renouvellement')} sans « predecesseur » : relié"
            f"{'s' if linked > 1 else ''} au dossier précédent par le porteur et l'intitulé"
        )
    if first:
        yield (
            f"{counted(first, 'renouvellement')} sans « predecesseur » : aucune année précédente"
            " de cet appel n'est connue"
        )
