"""From a line of a programming file to a dossier: every fault of the line, or a whole dossier."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from grants.domain.decisions import rules
from grants.domain.decisions.rules import Decision
from grants.domain.importing.catalogue import Catalogue, KnownCampaign
from grants.domain.importing.faults import FileFault, one_of
from grants.domain.importing.reading import FileRow, read_amount
from grants.domain.importing.reasons import Reasons, read_reasons
from grants.french import euros
from grants.models import Kind, Outcome, Theme
from grants.names import fold

COLUMNS = (
    "annee",
    "dispositif",
    "statut",
    "type",
    "pilier",
    "axe",
    "orientation_no",
    "orientation",
    "porteur",
    "intitule",
    "cout_total",
)
SOURCES = tuple(f"{column}_source" for column in (*COLUMNS, "montant"))
OTHERS = ("campagne", "commune", "predecesseur", "motif", *SOURCES)
_LEVELS = ("pilier", "axe", "orientation")
_KINDS = {"nouvelle": Kind.NEW, "renouvellement": Kind.RENEWAL}
_MULTIYEAR = re.compile(r"cpo (\d{1,2}) (\d{1,2})", re.ASCII)
_STATUSES = {"retenue": True, "non retenue": False}
_TITLE = 250
_SOURCES = {"intitule": "Intitulé", "porteur": "Porteur", "montant": "Montants"}

DossierKey = tuple[int, int, str]  # campaign, bearer, title: what a dossier is recognised by
LineageKey = tuple[int, str, int, str]  # year, folded kind of call, bearer, folded title


def key_of(campaign_id: int, bearer_id: int, title: str) -> DossierKey:
    return campaign_id, bearer_id, title.casefold()


@dataclass(frozen=True)
class ImportedMoney:
    """What one funder was asked (euros) and decided; `reason` as published, or why not known."""

    requested: Decimal
    granted: Decimal | None
    reason: str = ""

    @property
    def decision(self) -> Decision:
        outcome = Outcome.ACCEPTED if self.granted else Outcome.REJECTED
        return Decision(outcome, self.granted, self.reason)


@dataclass(frozen=True)
class ImportedDossier:
    """`predecessor`: the title of last year's, as written, or of that of `predecessor_year` when it
    was found. `money` by funder id."""

    line: int
    campaign: KnownCampaign
    bearer_id: int
    title: str
    theme_id: int
    kind: Kind
    year_of: int | None
    years_total: int | None
    total_cost: Decimal
    predecessor: str
    money: dict[int, ImportedMoney]
    source_note: str
    predecessor_year: int | None = None
    commune_id: int | None = None

    @property
    def before(self) -> LineageKey | None:
        """What it continues, if the file says so or it was found."""
        year = self.predecessor_year or self.campaign.year - 1
        return self.lineage(year, self.predecessor) if self.predecessor else None

    @property
    def continues(self) -> bool:
        """By its type."""
        return self.kind is Kind.RENEWAL or (self.year_of or 1) > 1

    @property
    def key(self) -> DossierKey:
        return key_of(self.campaign.id, self.bearer_id, self.title)

    @property
    def alike(self) -> DossierKey:
        """As `key`, whatever the typing of the title."""
        return self.campaign.id, self.bearer_id, fold(self.title)

    def lineage(self, year: int, title: str) -> LineageKey:
        return year, fold(self.campaign.kind), self.bearer_id, fold(title)


class LineReader:
    """Reads the cells of one line; what is wrong goes to `faults`."""

    def __init__(self, row: FileRow, catalogue: Catalogue, faults: list[FileFault]) -> None:
        self.row = row
        self.catalogue = catalogue
        self.faults = faults

    def dossier(self) -> ImportedDossier | None:
        """The dossier, or `None` when the line has a fault."""
        before = len(self.faults)
        campaign = self.catalogue.find_campaign(self.row, self.faults)
        bearer_id, title = self._bearer(), self._title()
        theme = self._theme(campaign)
        kind, year_of, years_total = self._kind()
        commune_id = self._commune()
        cost = read_amount(self.row, "cout_total", self.faults, required=True)
        retained = self._retained()
        reasons = read_reasons(self.row.get("motif"), self.catalogue.funders)
        sound = len(self.faults)
        money = self._money(campaign, reasons)
        if len(self.faults) == sound:
            self._check_amounts(money, cost, retained)
        if len(self.faults) > before or not (campaign and bearer_id and theme) or cost is None:
            return None
        return ImportedDossier(
            line=self.row.line,
            campaign=campaign,
            bearer_id=bearer_id,
            title=title,
            theme_id=theme.id,
            kind=kind,
            year_of=year_of,
            years_total=years_total,
            total_cost=cost,
            predecessor=self.row.get("predecesseur"),
            money=money,
            source_note=self._source_note(money, reasons),
            commune_id=commune_id,
        )

    def _fault(self, column: str, advice: str) -> None:
        value = self.row.get(column)
        self.faults.append(FileFault(self.row.line, column, value, advice if value else f"vide, {advice}"))

    def _unknown(self, column: str, advice: str, where: str = "") -> None:
        known = f"n'est pas connu{where}, " if self.row.get(column) else ""
        self._fault(column, known + advice)

    def _bearer(self) -> int | None:
        found = self.catalogue.bearers.get(fold(self.row.get("porteur")))
        if found is None:
            file = "aux « porteurs » du fichier du contrat"
            self._unknown("porteur", f"écrire le nom d'un porteur du contrat, ou l'ajouter d'abord {file}")
        return found

    def _title(self) -> str:
        title = self.row.get("intitule")
        if not title or len(title) > _TITLE:
            self._fault("intitule", f"écrire un intitulé d'au plus {_TITLE} caractères")
        return title

    def _commune(self) -> int | None:
        """By its name or its code; empty where the contract has one, or nobody knows."""
        text = self.row.get("commune")
        found = self.catalogue.communes.get(fold(text))
        if text and found is None:
            self._unknown("commune", one_of(self.catalogue.commune_labels.values()))
        return found

    def _theme(self, campaign: KnownCampaign | None) -> Theme | None:
        """The deepest node that the line names; a level of the tree may be skipped."""
        node: Theme | None = None
        for depth, column in enumerate(_LEVELS):
            below = self.catalogue.themes.get(node.id if node else None, [])
            options = [theme for theme in below if theme.depth == depth]
            text = fold(self.row.get(column))
            if not text and (not options or any(theme.depth > depth for theme in below)):
                continue
            named = [theme for theme in options if fold(theme.label) == text]
            if not named:
                where = f" sous « {node.label} »" if node else ""
                self._unknown(column, one_of(theme.label for theme in options), where)
                return None
            node = named[0]
        if node is None:
            self._unknown("pilier", one_of(()))
        else:
            self._check_node(node, campaign)
        return node

    def _check_node(self, node: Theme, campaign: KnownCampaign | None) -> None:
        number = self.row.get("orientation_no")
        expected = "" if node.number is None else str(node.number)
        if number and number.lstrip("0") != expected:
            right = f"écrire {expected}" if expected else "laisser vide"
            self._fault("orientation_no", f"n'est pas le numéro de « {node.label} », {right}")
        if campaign and node.call_kind and fold(node.call_kind) != fold(campaign.kind):
            self._fault(_LEVELS[node.depth], f"est réservé à « {node.call_kind} », en choisir un autre")

    def _kind(self) -> tuple[Kind, int | None, int | None]:
        text = fold(self.row.get("type"))
        if text in _KINDS:
            return _KINDS[text], None, None
        if match := _MULTIYEAR.fullmatch(text):
            year_of, years_total = int(match[1]), int(match[2])
            if 1 <= year_of <= years_total:
                return Kind.MULTIYEAR, year_of, years_total
        self._unknown("type", one_of([*_KINDS, "cpo 1/3 (année 1 sur 3)"]))
        return Kind.NEW, None, None

    def _money(self, campaign: KnownCampaign | None, reasons: Reasons) -> dict[int, ImportedMoney]:
        money = {}
        for code, funder_id in self.catalogue.funders.items():
            sound = len(self.faults)
            requested = read_amount(self.row, f"demande_{code}", self.faults)
            granted = read_amount(self.row, f"accorde_{code}", self.faults) or None
            if not requested and not granted:
                continue
            if campaign and (campaign.id, funder_id) not in self.catalogue.taking_part:
                advice = (
                    f"{code} ne participe pas à l'appel « {campaign.label} » : laisser vide, ou"
                    " l'ajouter aux « financeurs » de cette campagne dans le fichier du contrat"
                )
                self._fault(f"{'demande' if requested else 'accorde'}_{code}", advice)
            if len(self.faults) == sound and rules.beyond_request(requested, granted):
                beyond = f"dépasse le montant demandé ({euros(requested or Decimal(0))})"
                self._fault(f"accorde_{code}", f"{beyond} : corriger demande_{code} ou accorde_{code}")
            reason = "" if granted else reasons.of(code)
            money[funder_id] = ImportedMoney(requested or Decimal(0), granted, reason)
        return money

    def _retained(self) -> bool | None:
        retained = _STATUSES.get(fold(self.row.get("statut")).rstrip("e") + "e")  # of either gender
        if retained is None:
            self._unknown("statut", one_of(_STATUSES))
        return retained

    def _check_amounts(self, money: dict[int, ImportedMoney], cost: Decimal | None, retained: bool | None) -> None:
        granted = sum((each.granted or Decimal(0) for each in money.values()), Decimal(0))
        if retained and not granted:
            self._fault("statut", "mais aucun montant n'est accordé : écrire « non retenue », ou le montant accordé")
        elif granted and retained is False:
            advice = "écrire « retenue », ou vider les montants accordés"
            self._fault("statut", f"mais {euros(granted)} sont accordés : {advice}")
        asked = sum((each.requested for each in money.values()), Decimal(0))
        if rules.beyond_cost(cost, asked):  # what is granted is within what is asked
            self._fault("cout_total", f"est plus petit que la somme demandée ({euros(asked)})")

    def _source_note(self, money: dict[int, ImportedMoney], reasons: Reasons) -> str:
        notes = [
            f"{_SOURCES.get(name, name.capitalize())} : {text.rstrip('.')}."
            for column in self.row.raw
            if (text := self.row.get(column)) and (name := column.removesuffix("_source")) != column
        ]
        refused = {self.catalogue.code_of(funder_id) for funder_id, each in money.items() if each.reason}
        if unused := reasons.unused(refused):
            notes.append(f"Motif : {unused.rstrip('.')}.")
        return " ".join(notes)
