"""Envelopes from a CSV file: year, call, funder, amount, source."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from grants.database import db
from grants.domain.envelope import granted, locked_for, set_envelope
from grants.domain.importing.catalogue import Catalogue, KnownCampaign
from grants.domain.importing.faults import FileFault, ImportRefused, Report, one_of
from grants.domain.importing.lists import ListEntry, ListReading
from grants.domain.importing.reading import FileRow, heading_key, read_amount, read_table
from grants.errors import DomainError
from grants.french import counted, day, euros
from grants.models import Campaign, Contract, Envelope, EnvelopeStatus, Funder, User
from grants.words import word

_COLUMNS = ("annee", "dispositif", "financeur", "montant")
_OTHERS = ("campagne", "statut", "date", "source")
_STATUSES = {heading_key(word(status)).rstrip("e"): status for status in EnvelopeStatus}  # of either gender
_DAYS = ("%d/%m/%Y", "%Y-%m-%d")


@dataclass(frozen=True)
class _Wanted:
    line: int
    campaign: KnownCampaign
    funder_id: int
    amount: Decimal
    status: EnvelopeStatus | None
    dated_on: date | None
    source: str


def import_envelopes(data: bytes, contract: Contract, *, by: User) -> Report:
    """Set the envelopes that the file says; the same again changes nothing. What it does not say
    stays; a new envelope is notified.

    Raises `ImportRefused` with every fault of the file, nothing being changed then.
    """
    table = read_table(data, _COLUMNS, _OTHERS)
    catalogue = Catalogue(contract)
    faults = table.faults
    wanted = [_wanted(row, catalogue, faults) for row in table.rows]
    _check_twice([each for each in wanted if each], catalogue, faults)
    if faults:
        raise ImportRefused(faults)
    with db.session.begin_nested():
        done = [(each.line, *_apply(each, faults, by=by)) for each in wanted if each]
        if faults:
            raise ImportRefused(faults)
    return _report([became for _, became, _ in done], [f"ligne {line} : {short}" for line, _, short in done if short])


def read_envelopes(text: str, done: ListReading) -> Iterable[ListEntry]:
    """The same lines, pasted."""
    table, catalogue = read_table(text.encode(), _COLUMNS, _OTHERS), Catalogue(done.contract)

    def make(wanted: _Wanted) -> str:
        envelope = locked_for(wanted.campaign.id, wanted.funder_id)
        before = _terms(envelope)
        became, short = _apply(wanted, done.faults, by=done.by)
        if became == "unchanged":
            return "inchangée"
        after = _terms(envelope)
        new, old = (", ".join(t for t in of if t not in other) for of, other in ((after, before), (before, after)))
        change = f"devient {new} (était {old})" if old else f"devient {new}" if new else "nouveau"
        done.becomes[wanted.line] = f"{change} ; {short}" if short else change
        return ""

    wanted = [(row, _wanted(row, catalogue, table.faults)) for row in table.rows]
    _check_twice([each for _, each in wanted if each], catalogue, table.faults)
    if table.faults:
        raise ImportRefused(table.faults)
    for row, each in wanted:
        if each:
            cells = (each.campaign.label, row.get("financeur"), euros(each.amount), row.get("statut"))
            yield ListEntry(row.line, cells, partial(make, each))


def _terms(envelope: Envelope | None) -> list[str]:
    if envelope is None:
        return []
    dated_on = day(envelope.dated_on) if envelope.dated_on else ""
    return [each for each in (euros(envelope.amount), word(envelope.status), dated_on, envelope.source) if each]


def _wanted(row: FileRow, catalogue: Catalogue, faults: list[FileFault]) -> _Wanted | None:
    before = len(faults)
    campaign = catalogue.find_campaign(row, faults)
    code = row.get("financeur")
    funder_id = catalogue.find_funder(code)
    if funder_id is None:
        what = "n'est pas connu" if code else "vide"
        faults.append(FileFault(row.line, "financeur", code, f"{what}, {one_of(catalogue.funders)}"))
    elif campaign and (campaign.id, funder_id) not in catalogue.taking_part:
        advice = (
            f"ne participe pas à l'appel « {campaign.label} » : l'ajouter d'abord aux « financeurs »"
            " de cette campagne dans le fichier du contrat"
        )
        faults.append(FileFault(row.line, "financeur", code, advice))
    amount = read_amount(row, "montant", faults, required=True)
    status, dated_on = _status(row, faults), _day(row, faults)
    if len(faults) > before or campaign is None or funder_id is None or amount is None:
        return None
    return _Wanted(row.line, campaign, funder_id, amount, status, dated_on, row.get("source"))


def _status(row: FileRow, faults: list[FileFault]) -> EnvelopeStatus | None:
    text = row.get("statut")
    found = _STATUSES.get(heading_key(text).rstrip("e"))
    if text and found is None:
        known = one_of(map(word, EnvelopeStatus))
        faults.append(FileFault(row.line, "statut", text, f"n'est pas connu, {known}, ou rien"))
    return found


def _day(row: FileRow, faults: list[FileFault]) -> date | None:
    text = row.get("date")
    for format in _DAYS:
        with suppress(ValueError):
            return datetime.strptime(text, format).date()  # noqa: DTZ007 - a day
    if text:
        advice = "n'est pas une date, écrire par exemple 31/12/2026"
        faults.append(FileFault(row.line, "date", text, advice))
    return None


def _check_twice(wanted: list[_Wanted], catalogue: Catalogue, faults: list[FileFault]) -> None:
    """Calls may share an envelope: it has one line as well."""
    lines: dict[object, int] = {}
    for each in wanted:
        pair = (each.campaign.id, each.funder_id)
        first = lines.setdefault(catalogue.taking_part[pair] or pair, each.line)
        if first != each.line:
            advice = f"cette enveloppe est déjà à la ligne {first} : ne garder qu'une des deux"
            faults.append(FileFault(each.line, "financeur", "", advice))


def _apply(wanted: _Wanted, faults: list[FileFault], *, by: User) -> tuple[str, str]:
    """Returns what became of it (created, updated or unchanged), and what is said of a deficit."""
    before = locked_for(wanted.campaign.id, wanted.funder_id)
    version = before.version if before else None
    try:
        after = set_envelope(
            db.session.get_one(Funder, wanted.funder_id),
            [db.session.get_one(Campaign, wanted.campaign.id)],
            wanted.amount,
            by=by,
            status=wanted.status or (before.status if before else EnvelopeStatus.NOTIFIED),
            dated_on=wanted.dated_on or (before.dated_on if before else None),
            source=wanted.source or (before.source if before else ""),
        )
    except DomainError as error:
        faults.append(FileFault(wanted.line, "montant", euros(wanted.amount), f": {error.message}"))
        return "refused", ""
    lacking = granted(after.id) - after.amount
    short = f"l'enveloppe est sous ce qui est accordé, déficit de {euros(lacking)}" if lacking > 0 else ""
    if before is None:
        return "created", short
    return "unchanged" if after.version == version else "updated", short


def _report(done: list[str], short: list[str]) -> Report:
    created, updated, unchanged = map(done.count, ("created", "updated", "unchanged"))
    words = {"créée": created, "modifiée": updated, "inchangée": unchanged}
    summary = "enveloppes : " + ", ".join(counted(n, word) for word, n in words.items())
    return Report(created, updated, unchanged, [summary, *short])
