"""The lists beside a year's tables: bearers, what was not retained, what may be published, and
one flat row per project and funder."""

from __future__ import annotations

from collections.abc import Iterator

from exports.programming_tables import observations
from exports.table import Column, Level, Line, Table, Unit, Value
from grants.french import counted
from grants.models import PUBLIC_BODIES, Nature, State
from grants.queries.figures import Gap
from grants.queries.programming.groups import line as line_of
from grants.queries.programming.overview import Bearer
from grants.queries.programming.programming import Programming, ProgrammingSection
from grants.queries.programming.rows import Row
from grants.queries.programming.standing import Standing
from grants.words import word


def bearers_table(programming: Programming) -> Table:
    funders, overview = programming.funders, programming.overview
    institutions = list(dict.fromkeys(f.institution for f in funders))
    lines = [
        Line((b.name, word(b.nature), b.actions, *(b.granted[f.id] for f in funders), b.total,
              *(_agreement(b, institution) for institution in institutions)))
        for b in programming.bearers
    ]  # fmt: skip
    sure = sum(REQUIRED in line.cells[-len(institutions) :] for line in lines)
    lines.append(Line(
        ("Total", None, overview.counts.retained,
         *(overview.by_funder[f.id].granted for f in funders), overview.total.granted,
         *[None] * len(institutions)),
        Level.TOTAL,
    ))  # fmt: skip
    return Table(
        "Montants accordés par porteur",
        (Column("Porteur", width=34), Column("Nature", width=20),
         Column("Actions", Unit.WHOLE, 9),
         *(Column(f.code, Unit.EUROS, 12) for f in funders), Column("Total", Unit.EUROS, 13),
         *(Column(f"{institution} : convention", width=13) for institution in institutions)),
        tuple(lines),
        notes=(AGREEMENTS.format(counted(sure, "porteur")),),
    )  # fmt: skip


REQUIRED = "oui"
AGREEMENTS = (
    "Convention : obligatoire au-delà de 23 000 € accordés dans l'année par une même institution,"
    " sur tous ses crédits, à un organisme de droit privé (loi du 12 avril 2000, article 10 ;"
    " décret 2001-495). Au moins {}, sur les crédits suivis ici : ses autres crédits et les aides"
    " en nature comptent aussi."
)


def _agreement(bearer: Bearer, institution: str) -> Value:
    if bearer.nature in PUBLIC_BODIES:
        return Gap.NOTHING
    if not bearer.must_agree(institution):
        return "non"
    return REQUIRED if bearer.nature is Nature.ASSOCIATION else f"{REQUIRED}, si droit privé"


def rejected_table(programming: Programming) -> Table:
    funders = programming.funders
    rejected = programming.rejected
    columns = (
        Column("N°", width=11), Column("Appel", width=17), Column("Porteur", width=20),
        Column("Action", width=30), Column(programming.levels.axis, width=20),
        Column("N / R / CPO", width=8),
        *(Column(f"{f.code} demandé", Unit.EUROS, 11) for f in funders),
        Column("Total demandé", Unit.EUROS, 12), Column("Motif", width=34),
        Column("Réorienté vers", width=16),
    )  # fmt: skip
    lines = [
        Line(
            (row.reference, section.kind, row.bearer, row.title, row.place.axis.label, row.mark,
             *(line_of(row, f.id).requested for f in funders), row.requested,
             _reason(row, section), _redirected(row, section)),
            project_id=row.id,
        )
        for section in programming.sections
        for row in section.rejected
    ]  # fmt: skip
    lines.append(Line(
        (f"Total : {counted(rejected.actions, 'action', 'non retenue')}",
         *[None] * 5, *(rejected.requested[f.id] for f in funders), rejected.total_requested,
         None, None),
        Level.TOTAL,
    ))  # fmt: skip
    return Table("Projets non retenus", columns, tuple(lines), label_columns=6)


def _reason(row: Row, section: ProgrammingSection) -> str:
    if row.state is State.INADMISSIBLE:
        return f"Irrecevable : {row.state_reason}"
    return _each(row, section, "reason")


def _redirected(row: Row, section: ProgrammingSection) -> str:
    return _each(row, section, "redirected_to")


def _each(row: Row, section: ProgrammingSection, field: str) -> str:
    """Said once where all funders say the same."""
    said = {f.code: getattr(line_of(row, f.id), field) for f in section.funders}
    texts = [text for text in said.values() if text]
    if len(set(texts)) <= 1:
        return "".join(texts[:1])
    return " ; ".join(f"{code} : {text}" for code, text in said.items() if text)


def publishable_table(programming: Programming) -> Table:
    """Retained actions only; neither amounts nor reasons."""
    levels = programming.levels
    return Table(
        "Actions retenues",
        (Column(levels.orientation, width=55), Column("Porteur", width=34),
         Column("Action", width=52)),
        tuple(_publishable(programming)),
    )  # fmt: skip


def _publishable(programming: Programming) -> Iterator[Line]:
    for section in programming.sections:
        count = counted(section.counts.retained, "action", "retenue")
        yield Line((f"{section.kind} : {count}",), Level.PILLAR)
        axis = None
        for row in section.rows:
            if row.standing is not Standing.RETAINED:
                continue
            if row.place.axis != axis:
                axis = row.place.axis
                yield Line((axis.label,), Level.AXIS)
            yield Line((row.place.orientation_title, row.bearer, row.title))


DATA_COLUMNS = (
    ("Année", Unit.YEAR, 7), ("Appel", Unit.TEXT, 20), ("N°", Unit.TEXT, 10),
    ("État", Unit.TEXT, 12), ("Résultat", Unit.TEXT, 12), ("Pilier", Unit.TEXT, 22),
    ("Axe", Unit.TEXT, 22), ("Orientation", Unit.TEXT, 34), ("Porteur", Unit.TEXT, 24),
    ("Nature du porteur", Unit.TEXT, 18), ("Action", Unit.TEXT, 34),
    ("N / R / CPO", Unit.TEXT, 8), ("Quartier(s)", Unit.TEXT, 18),
    ("Coût total", Unit.EUROS, 12), ("Autres cofinancements", Unit.EUROS, 12),
    ("dont droit commun", Unit.EUROS, 12),
    ("Bénéficiaires", Unit.WHOLE, 9), ("dont QPV", Unit.WHOLE, 9),
    ("Institution", Unit.TEXT, 18), ("Financeur", Unit.TEXT, 12),
    ("Accordé N-1", Unit.EUROS, 12), ("Demandé", Unit.EUROS, 12), ("Proposé", Unit.EUROS, 12),
    ("Accordé", Unit.EUROS, 12), ("Décision", Unit.TEXT, 12), ("Motif", Unit.TEXT, 30),
    ("Condition", Unit.TEXT, 30), ("Avis", Unit.TEXT, 24), ("Observations", Unit.TEXT, 34),
    ("Source", Unit.TEXT, 40),
)  # fmt: skip


def data_table(programming: Programming) -> Table:
    """For pivot tables and other tools: what is not known is an empty cell. Read once."""
    levels = programming.levels
    renamed = {"Pilier": levels.pillar, "Axe": levels.axis, "Orientation": levels.orientation}
    if levels.pillar == levels.axis:
        renamed["Axe"] = f"{levels.axis} (axe)"
    return Table(
        "Données",
        tuple(Column(renamed.get(head, head), unit, width) for head, unit, width in DATA_COLUMNS),
        _data(programming),
        label_columns=3,
        printed=len(DATA_COLUMNS) - 1,  # without their source
        flat=True,
    )


def _data(programming: Programming) -> Iterator[Line]:
    for section in programming.sections:
        for row in section.rows:
            project = (
                programming.year, section.kind, row.reference, word(row.state),
                row.standing.value, row.place.pillar.label, row.place.axis.label,
                row.place.orientation_title, row.bearer, word(row.nature), row.title, row.mark,
                row.zones, _or_empty(row.total_cost), _or_empty(row.other_funding),
                _or_empty(row.ordinary_law),
                row.beneficiaries, row.beneficiaries_qpv,
            )  # fmt: skip
            remarks = (row.opinions, observations(row, section), row.source_note)
            for funder in section.funders:
                line = line_of(row, funder.id)
                if line.outcome is None:
                    continue
                yield Line((
                    *project, funder.institution, funder.code, _or_empty(line.before),
                    _or_empty(line.requested), _or_empty(line.proposed), _or_empty(line.granted),
                    word(line.outcome), line.reason, line.condition, *remarks,
                ))  # fmt: skip


def _or_empty(value: Value) -> Value:
    return None if value is Gap.NOTHING else value
