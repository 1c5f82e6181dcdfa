"""The programming as it stood: named versions and past days, and what changed since."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is not in the stubs yet
    RadioField,
    SelectChoice,
)

from exports import programming as programming_workbook_of
from exports import version_tables as changes_workbook_of
from exports.table import Unit, shown
from exports.version_tables import ON_PAGE, changes_table, title, totals_table
from grants.database import begin_snapshot
from grants.domain.programming.version import LONGEST_LABEL, LONGEST_NOTE, PRESETS, freeze
from grants.models import Campaign, ProgrammingVersion
from grants.names import fold
from grants.queries.programming import versions as queries
from grants.queries.programming.programming import Programming
from grants.queries.programming.programming import programming as programme
from grants.queries.programming.version_changes import VersionChanges
from grants.queries.programming.version_changes import changes as changes_between
from grants.queries.programming.versions import NOW, Moment, Version, moment
from grants.web.access import access, me
from grants.web.committee import bp
from grants.web.committee.cutting import commune_options, cut_of, in_address
from grants.web.committee.screen import screen, tables
from grants.web.downloads import send_workbook
from grants.web.fields import line, paragraphs
from grants.web.forms import DayField, Form, saved
from grants.web.instruction.loading import ContractYear, Year, campaign, year_of

OWN = "autre"


@dataclass(frozen=True)
class PastYear(ContractYear):
    """As it was at a moment."""

    moment: Moment

    @property
    def programming(self) -> Programming:
        begin_snapshot()
        past = queries.past_at(self.contract, self.moment)
        return programme(self.contract, self.year, past, self.moment.title, cut_of(self.contract))


def then(slug: str, year: int, moment_key: str) -> PastYear | None:
    of = year_of(slug, year)
    known = queries.versions(of.contract.id, year) if of else []
    at = moment(of.contract, known, moment_key) if of else None
    return PastYear(of.contract, year, at) if of and at else None


class DayForm(Form):
    """In the address: what it finds is a page to come back to."""

    jour = DayField("La programmation au soir du")


@bp.get("/contrats/<slug>/<int:year>/versions")
@access("contract.read_tables", year_of)
def versions(place: Year) -> ResponseReturnValue:
    form = DayForm(request.args, meta={"csrf": False})
    if form.validate() and form.jour.data:
        at = moment(place.contract, [], form.jour.data.isoformat())
        if at:
            return redirect(_address("committee.version", place, moment_key=at.key))
        form.jour.errors = ["Choisissez un jour depuis l'ouverture du contrat ici, au plus tard aujourd'hui."]
    known = queries.versions(place.contract.id, place.year)
    return render_template(
        "committee/versions.html",
        contract=place.contract,
        year=place.year,
        years=place.years,
        form=form,
        calls=queries.campaigns(place.contract.id, place.year, known),
        moments=_moments(known),
        now=NOW,
    )


def _address(endpoint: str, place: ContractYear, **parts: str | None) -> str:
    return url_for(endpoint, slug=place.contract.slug, year=place.year, **parts)  # type: ignore[arg-type]


def _moments(known: list[Version]) -> list[Moment]:
    """What may be compared, the present first."""
    return [queries.present(), *map(queries.of_version, known)]


@bp.get("/contrats/<slug>/<int:year>/programmation/<moment_key>")
@access("contract.read_tables", then)
def version(past: PastYear) -> ResponseReturnValue:
    return render_template(
        "committee/version.html",
        contract=past.contract,
        year=past.year,
        moment=past.moment,
        cut=cut_of(past.contract),
        communes=commune_options(past.contract),
        query=in_address(cut_of(past.contract)),
        **tables(past.programming),
    )


@bp.get("/contrats/<slug>/<int:year>/programmation/<moment_key>/classeur.xlsx")
@access("contract.read_tables", then)
def version_workbook(past: PastYear) -> ResponseReturnValue:
    name = f"Programmation {past.year} – {past.moment.label} – {past.contract.label}"
    return send_workbook(name, programming_workbook_of.write, past.programming, past.contract)


@bp.get("/contrats/<slug>/<int:year>/changements")
@access("contract.read_tables", year_of)
def changes(place: Year) -> ResponseReturnValue:
    """`?de=` and `?a=`: two moments (by default the last version, and now); `?mur=1`: in large, for
    the wall of a committee."""
    known = queries.versions(place.contract.id, place.year)
    changed = _changes(place, known)
    if changed and request.args.get("mur") == "1":
        return render_template(
            "committee/changes_wall.html",
            contract=place.contract,
            year=place.year,
            found=changed,
            kinds=[
                (kind, [(row, list(own)) for row, own in groupby(lines, key=lambda change: change.row)])
                for kind, lines in changed.kinds
            ],
            figure=lambda value: shown(value, Unit.EUROS),
        )
    return render_template(
        "committee/changes.html",
        contract=place.contract,
        year=place.year,
        found=changed,
        moments=_moments(known),
        known=known,
        title=title,
        totals=screen(totals_table(changed)) if changed else None,
        table=screen(changes_table(changed, ON_PAGE)) if changed else None,
    )


@bp.get("/contrats/<slug>/<int:year>/changements.xlsx")
@access("contract.read_tables", year_of)
def changes_workbook(place: Year) -> ResponseReturnValue:
    found = _changes(place, queries.versions(place.contract.id, place.year))
    if found is None:
        return redirect(_address("committee.changes", place))
    name = f"Changements {place.year} – {place.contract.label}"
    return send_workbook(name, changes_workbook_of.write, found, place.contract)


def _changes(place: Year, known: list[Version]) -> VersionChanges | None:
    """`None` where there is no version to start from, or the address names no moment."""
    first = known[0].key if known else ""
    pair = [
        moment(place.contract, known, request.args.get(name) or usual) for name, usual in (("de", first), ("a", NOW))
    ]
    if pair[0] is None or pair[1] is None:
        return None
    begin_snapshot()
    return changes_between(place.contract, place.year, pair[0], pair[1])


class FreezeForm(Form):
    preset = RadioField("Nom de la version")
    label = line("Le nom, si c'est un autre", LONGEST_LABEL)
    note = paragraphs("Note (facultative)", LONGEST_NOTE)

    def offer(self, taken: set[str]) -> None:
        """The usual names that this call has not given yet, and any other."""
        names = [name for name in PRESETS if fold(name) not in taken]
        own = SelectChoice(OWN, "Un autre nom")
        self.preset.choices = [*(SelectChoice(name, name) for name in names), own]
        if self.preset.data is None:
            self.preset.data = names[0] if names else OWN


@bp.route("/appels/<int:campaign_id>/versions", methods=["GET", "POST"])
@access("contract.coordinate", campaign)
def freeze_programming(campaign: Campaign) -> ResponseReturnValue:
    form = FreezeForm()
    known = queries.versions(campaign.contract_id, campaign.year)
    form.offer({fold(each.label) for each in known if each.campaign_id == campaign.id})
    back = url_for("committee.versions", slug=campaign.contract.slug, year=campaign.year)

    def keep() -> ProgrammingVersion:
        label = form.label.data if form.preset.data == OWN else form.preset.data
        return freeze(campaign, label or "", by=me(), note=form.note.data)

    if saved(form, keep, lambda kept: f"La programmation est figée sous le nom « {kept.label} »."):
        return redirect(back)
    return render_template("committee/freeze.html", form=form, campaign=campaign, back=back)
