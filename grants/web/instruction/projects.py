"""The list of a contract's year, with filters that stay in the address, and its CSV."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from exports import project_list, table_csv
from exports.project_list import PlacedRow, chosen, columns_of, project_table
from grants.domain.instruction.layouts import LONGEST_NAME, PROJECTS, keep, remove, rename
from grants.french import shortened
from grants.models import DEPOSITED, Kind, Layout
from grants.names import same
from grants.queries.layouts import layouts_of
from grants.queries.programming.programming import programming
from grants.queries.project_filters import BesideState, DecisionFilter, Filters, Sort
from grants.queries.projects.choices import Choices, choices, unplaced
from grants.queries.projects.projects import PAGE, rows, totals
from grants.queries.theme_tree import Levels, arranged
from grants.web.access import access, me
from grants.web.downloads import CSV, send_table, send_workbook
from grants.web.fields import line
from grants.web.filters import number
from grants.web.forms import Form, saved
from grants.web.instruction import bp
from grants.web.instruction.list_filters import COLUMNS, MINE, in_address, read, typed_columns
from grants.web.instruction.loading import ContractYear, place
from grants.web.instruction.many_actions import offered_actions, shortcut
from grants.words import word

Options = list[tuple[str, str]]
LONGEST_CHOICE = 70
REMOVED = "retiree"  # the name of the view that was removed a moment ago

WANTED = {
    DecisionFilter.TO_PROPOSE: "à proposer",
    DecisionFilter.TO_DECIDE: "à décider",
    DecisionFilter.RETAINED: "retenu",
    DecisionFilter.NOT_RETAINED: "non retenu",
    DecisionFilter.TO_NOTIFY: "à notifier",
    DecisionFilter.TO_CONFIRM: "à confirmer",
}
BESIDE = {
    BesideState.OVERDUE: "pièces en retard",
    BesideState.ANSWERED: "pièces à relire",
    BesideState.CHECKED: "contrôle terminé",
    BesideState.UNANSWERED: "message sans réponse",
}
FIELDS = {
    "appel": "Appel",
    "theme": "Classement",
    "commune": "Commune",
    "quartier": "Quartier",
    "porteur": "Porteur",
    "nature": "N / R / CPO",
    "etat": "État",
    "decision": "Décision",
    "financeur": "Financeur",
    "suivi": "Suivi par",
    "mots": "Mots",
}


class ViewForm(Form):
    name = line("Nom de la vue, qui garde aussi filtres et tri", LONGEST_NAME, render_kw={"autocomplete": "off"})


@bp.get("/contrats/<slug>/<int:year>/projets")
@access("contract.instruct_part", place)
def projects(place: ContractYear) -> ResponseReturnValue:
    return _page(place, ViewForm())


def _page(place: ContractYear, form: ViewForm, typed: Collection[str] | None = None) -> str:
    """`typed`: the columns that were asked for with what is refused."""
    offered = choices(place.contract.id, place.year)
    filters, ignored = read(request.args, place.contract, offered)
    sums = totals(place.contract.id, place.year, filters, offered.funders)
    last = max(1, -(-sums.count // PAGE))
    page = min(request.args.get("page", 1, int) or 1, last)
    page = max(page, 1)
    views = layouts_of(me(), place.contract, PROJECTS)
    levels, keys = Levels.of(place.contract), _keys(views) if typed is None else typed
    all_columns, query = columns_of(levels), in_address(filters) | typed_columns()
    actions = offered_actions(place, offered)
    places = arranged(offered.themes, place.contract.level_names)
    carried = f"?liste={quote(urlencode(query), safe='')}" if query else ""
    return render_template(
        "instruction/projects.html",
        contract=place.contract,
        year=place.year,
        rows=[PlacedRow(row, places[row.theme_id]) for row in rows(place.contract.id, place.year, filters, page=page)],
        columns=chosen(all_columns, [c.key for c in all_columns if c.first] if keys is None else keys),
        all_columns=all_columns,
        form=form,
        taken=next((name for name in views if form.errors and same(name, form.name.data)), ""),
        removed=request.args.get(REMOVED, "")[:LONGEST_NAME],
        views=[(name, v.filters | {COLUMNS: ",".join(v.columns)}) for name, v in views.items() if name],
        totals=sums,
        years=list(offered.years),
        page=page,
        last=last,
        query=query,
        selects=selects(offered, query, levels),
        funder=offered.funders.get(filters.funder_id or 0),
        sorts={sort: _sort(filters, sort) for sort in Sort},
        ignored=[FIELDS[name] for name in ignored],
        unplaced=unplaced(place.contract.id, place.year, filters),
        actions=actions,
        shortcut=shortcut(filters, sums.count, actions),
        prefix=url_for("instruction.sheet", project_id=0).removesuffix("0"),
        suffix=carried,
        ticked={number(text) for text in request.args.getlist("projet")},
    )


@bp.get("/contrats/<slug>/<int:year>/projets.csv")
@access("contract.instruct_part", place)
def projects_csv(place: ContractYear) -> ResponseReturnValue:
    offered = choices(place.contract.id, place.year)
    filters, _ignored = read(request.args, place.contract, offered)
    columns = columns_of(Levels.of(place.contract), offered.funders.get(filters.funder_id or 0))
    table = project_table(
        rows(place.contract.id, place.year, filters),
        arranged(offered.themes, place.contract.level_names),
        chosen(columns, _keys(layouts_of(me(), place.contract, PROJECTS))),
    )
    return send_table(table_csv.write(table), f"Projets {place.year} – {place.contract.label}.csv", CSV)


@bp.get("/contrats/<slug>/<int:year>/projets.xlsx")
@access("contract.instruct_part", place)
def projects_workbook(place: ContractYear) -> ResponseReturnValue:
    """With the columns of each funder: from the programming's rows, in the list's order."""
    contract, year = place.contract, place.year
    keys = _keys(layouts_of(me(), contract, PROJECTS))
    filters, _ignored = read(request.args, place.contract, choices(contract.id, year))
    ids = [row.id for row in rows(contract.id, year, filters)]
    name = f"Projets {year} – {contract.label}"
    return send_workbook(name, project_list.write, programming(contract, year), ids, contract, keys)


@bp.post("/contrats/<slug>/<int:year>/projets/colonnes")
@access("contract.instruct_part", place)
def projects_layout(place: ContractYear) -> ResponseReturnValue:
    """The columns of one's own list; with a name, a view of these filters; or `faire`, what else to do with a view."""
    filters, _ignored = read(request.args, place.contract)
    query, keys = in_address(filters), request.form.getlist("colonne")
    columns = [c.key for c in columns_of(Levels.of(place.contract)) if c.always or c.key in keys]
    form, old, what = ViewForm(), request.form.get("vue", ""), request.form.get("faire", "")

    def save() -> str:
        name, whose = form.name.data, (place.contract, PROJECTS)
        if what == "retirer":
            view = remove(*whose, old, by=me())
            query.clear()
            query.update(view.filters | {COLUMNS: ",".join(view.columns), REMOVED: old})
            return f"Vue « {old} » retirée. La liste la montre encore."
        if what == "renommer":
            rename(*whose, old, name, by=me())
            return f"Vue « {old} » renommée « {name} »."
        keep(*whose, columns, query if name else {}, by=me(), name=name, replaces=what == "remplacer")
        return f"Vue « {name} » enregistrée." if name else "Colonnes enregistrées."

    if not saved(form, save, str):
        return _page(place, form, columns)
    kept = form.name.data and what in ("", "remplacer")
    shown: dict[str, Any] = query | ({COLUMNS: ",".join(columns)} if kept else {})
    return redirect(url_for("instruction.projects", slug=place.contract.slug, year=place.year, **shown))


def _keys(views: dict[str, Layout]) -> Collection[str] | None:
    """The columns that the address names, or that were chosen; nothing where nobody did."""
    if typed := typed_columns():
        return typed[COLUMNS].split(",")
    return views[""].columns if "" in views else None


def selects(offered: Choices, query: dict[str, str], levels: Levels) -> list[tuple[str, str, Options, str]]:
    """(name, label, options, chosen) of each select."""
    themes = [
        (str(node.id), "\u2003" * node.depth + shortened(node.title, LONGEST_CHOICE))
        for node in offered.themes.values()
    ]
    options: dict[str, Options] = {
        "etat": [
            *((state.value, word(state)) for state in DEPOSITED),
            *((beside.value, label) for beside, label in BESIDE.items()),
        ],
        "financeur": _ids(offered.funders),
        "decision": [(wanted.value, label) for wanted, label in WANTED.items()],
        "theme": themes,
        "appel": _ids(offered.campaigns),
        "commune": _ids(offered.communes),
        "quartier": _ids(offered.zones),
        "porteur": _ids(offered.bearers),
        "nature": [(kind.value, word(kind)) for kind in Kind],
        "suivi": [(MINE, "moi"), *_ids(offered.people)],
    }
    labels = FIELDS | {"theme": f"{levels.above}, {levels.orientation.lower()}"}
    shown = ((name, found) for name, found in options.items() if found or name != "commune")
    return [(name, labels[name], found, query.get(name, "")) for name, found in shown]


def _ids(offered: dict[int, str]) -> Options:
    return [(str(key), shortened(label, LONGEST_CHOICE)) for key, label in offered.items()]


def _sort(filters: Filters, sort: Sort) -> tuple[str, str]:
    """The address that sorts by this column (again: the other way), and `aria-sort`."""
    here = filters.sort is sort
    first_down = sort is Sort.GRANTED
    down = not filters.descending if here else first_down
    query = in_address(replace(filters, sort=sort, descending=down)) | typed_columns()
    direction = "descending" if filters.descending else "ascending"
    return "?" + urlencode(query), direction if here else "none"
