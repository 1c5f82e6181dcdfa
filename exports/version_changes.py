"""What changed between two moments of a year's programming, as a workbook."""

from __future__ import annotations

from collections.abc import Iterator

from exports.legend import legend
from exports.table import Sheet
from exports.version_tables import CHANGES, changes_table, totals_table
from exports.workbook import About, Target
from exports.workbook import write as write_workbook
from grants.french import instant
from grants.models import Contract
from grants.queries.programming.version_changes import VersionChanges
from grants.queries.programming.versions import Moment


def write(changes: VersionChanges, contract: Contract, file: Target) -> None:
    """To a path or a binary stream."""
    about = About.of(contract.label, str(changes.b.year), changes.b.read_at)
    write_workbook(_sheets(changes), about, file)


def _sheets(changes: VersionChanges) -> Iterator[Sheet]:
    between = f"De : {title(changes.before)}. À : {title(changes.after)}."
    what = f"Ce qui a changé dans la programmation {changes.b.year}"
    yield Sheet("Changements", what, (changes_table(changes, CHANGES),), between)
    yield Sheet("Totaux", f"{what} : totaux", (totals_table(changes),), between)
    yield legend((*changes.a.funders, *changes.b.funders), str(changes.b.year), between)


def title(moment: Moment) -> str:
    return moment.title or f"programmation d'aujourd'hui, {instant(moment.at)}"
