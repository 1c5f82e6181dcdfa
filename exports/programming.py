"""The programming of a year as a workbook."""

from __future__ import annotations

from collections.abc import Iterator

from exports.legend import legend
from exports.overview_tables import overview_tables
from exports.programming_lists import bearers_table, data_table, publishable_table, rejected_table
from exports.programming_tables import SectionTable, without_empty
from exports.table import Sheet, state
from exports.workbook import About, Target
from exports.workbook import write as write_workbook
from grants.models import Contract
from grants.queries.programming.programming import Programming, ProgrammingSection

NOT_YET = "À ne pas publier avant la validation par le comité de pilotage."


def write(programming: Programming, contract: Contract, file: Target) -> None:
    """To a path or a binary stream."""
    about = About.of(contract.label, str(programming.year), programming.read_at)
    write_workbook(_sheets(programming), about, file)


def _sheets(programming: Programming) -> Iterator[Sheet]:
    whole, year = _state(programming, programming), programming.year
    yield Sheet("Synthèse", f"Synthèse de la programmation {year}", overview_tables(programming), whole)
    for section in programming.sections:
        yield Sheet(
            section.kind,
            f"Programmation {year} – {section.kind}",
            (without_empty(SectionTable(section, programming.headings).table()),),
            _state(programming, section),
        )
    yield Sheet("Par porteur", f"Porteurs {year}", (bearers_table(programming),), whole)
    yield Sheet("Non retenus", f"Projets non retenus {year}", (rejected_table(programming),), whole)
    yield Sheet(
        "Publiable",
        f"Actions retenues {year}",
        (publishable_table(programming),),
        whole,
        remark="" if programming.validated_at else NOT_YET,
    )
    yield Sheet("Données", f"Données {year}", (data_table(programming),), whole)
    yield legend(programming.funders, str(year), whole)


def _state(programming: Programming, whole: Programming | ProgrammingSection) -> str:
    own = f"Programmation {state(whole.validated_at, whole.dated)}"
    return f"{programming.as_of} – {own.lower()}" if programming.as_of else own
