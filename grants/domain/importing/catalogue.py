"""What of a contract the lines of a file refer to, read once (seven queries for any file)."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select

from grants.database import db
from grants.domain.importing.faults import FileFault, one_of
from grants.domain.importing.reading import FileRow, heading_key
from grants.models import Campaign, CampaignFunder, Contract, Funder, Merge, Organisation, Theme
from grants.names import fold

_YEAR = re.compile(r"[12]\d{3}", re.ASCII)


@dataclass(frozen=True)
class KnownCampaign:
    """A campaign, as lines name it."""

    id: int
    year: int
    kind: str
    label: str


class Catalogue:
    """Campaigns, funders, themes and bearers of a contract, found by folded names.

    Locks the contract's row: two imports into one contract wait for each other.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract_id = contract.id
        db.session.execute(select(Contract.id).where(Contract.id == contract.id).with_for_update(key_share=True))
        self.calls = self._read_campaigns()
        self.funders = self._read_funders()
        self.taking_part = self._read_taking_part()
        self.themes = self._read_themes()
        self.commune_labels, self.communes = self._read_communes()
        self.bearers = self._read_bearers()
        self._labels = {node.id: node for nodes in self.themes.values() for node in nodes}

    def _read_campaigns(self) -> dict[tuple[int, str], list[KnownCampaign]]:
        calls = defaultdict(list)
        for row in db.session.execute(
            select(Campaign.id, Campaign.year, Campaign.kind, Campaign.label)
            .where(Campaign.contract_id == self.contract_id)
            .order_by(Campaign.id)
        ):
            calls[row.year, fold(row.kind)].append(KnownCampaign(*row))
        return dict(calls)

    def _read_funders(self) -> dict[str, int]:
        found = select(Funder.code, Funder.id).where(Funder.contract_id == self.contract_id)
        return dict(db.session.execute(found.order_by(Funder.position, Funder.id)).all())

    def _read_taking_part(self) -> dict[tuple[int, int], int | None]:
        """(campaign id, funder id) → id of the envelope, if there is one."""
        return {
            (row.campaign_id, row.funder_id): row.envelope_id
            for row in db.session.execute(
                select(CampaignFunder.campaign_id, CampaignFunder.funder_id, CampaignFunder.envelope_id)
                .join(Campaign, Campaign.id == CampaignFunder.campaign_id)
                .where(Campaign.contract_id == self.contract_id)
            )
        }

    def _read_themes(self) -> dict[int | None, list[Theme]]:
        """By the id of their parent, in the order of the tree."""
        themes = defaultdict(list)
        for theme in db.session.scalars(
            select(Theme).where(Theme.contract_id == self.contract_id).order_by(Theme.position, Theme.id)
        ):
            themes[theme.parent_id].append(theme)
        return dict(themes)

    def _read_communes(self) -> tuple[dict[int, str], dict[str, int]]:
        """Their names by id, and ids by folded name and code, where the contract has several."""
        communes = db.session.get_one(Contract, self.contract_id).named_communes
        known = {fold(text): commune.id for commune in communes for text in (commune.label, commune.insee)}
        return {commune.id: commune.label for commune in communes}, known

    def _read_bearers(self) -> dict[str, int]:
        """What was merged is the one that was kept."""
        named = select(Organisation.name_key, func.coalesce(Merge.kept_id, Organisation.id))
        here = Organisation.home_contract_id == self.contract_id
        return dict(db.session.execute(named.outerjoin(Merge, Merge.gone_id == Organisation.id).where(here)).all())

    def theme_path(self, theme_id: int | None) -> str:
        """`Cohésion sociale / Santé / La périnatalité`"""
        node = self._labels.get(theme_id) if theme_id else None
        path: list[str] = []
        while node is not None:
            path.insert(0, node.label)
            node = self._labels.get(node.parent_id) if node.parent_id else None
        return " / ".join(path)

    def code_of(self, funder_id: int) -> str:
        return next(code for code, id_ in self.funders.items() if id_ == funder_id)

    def find_funder(self, code: str) -> int | None:
        """As it is written, else as headings are known (`reading.heading_key`)."""
        folded = {heading_key(known): id_ for known, id_ in self.funders.items()}
        return self.funders.get(code, folded.get(heading_key(code)))

    def find_campaign(self, row: FileRow, faults: list[FileFault]) -> KnownCampaign | None:
        """The campaign of the line, by `annee` and `dispositif`, and `campagne` if several."""
        year, kind, label = row.get("annee"), row.get("dispositif"), row.get("campagne")
        if not _YEAR.fullmatch(year):
            advice = "n'est pas une année" if year else "vide"
            faults.append(FileFault(row.line, "annee", year, f"{advice}, écrire par exemple 2021"))
            return None
        calls = self.calls.get((int(year), fold(kind)), [])
        if not calls:
            what = f"n'est pas un appel de {year}" if kind else "vide"
            kinds = one_of(calls[0].kind for (of, _), calls in self.calls.items() if of == int(year))
            advice = f"{what}, {kinds}, ou ajouter l'appel aux « campagnes » du fichier du contrat"
            faults.append(FileFault(row.line, "dispositif", kind, advice))
            return None
        return self._among(calls, label, row, faults)

    def _among(
        self, calls: list[KnownCampaign], label: str, row: FileRow, faults: list[FileFault]
    ) -> KnownCampaign | None:
        named = [call for call in calls if fold(call.label) == fold(label)]
        if named:
            return named[0]
        if not label and len(calls) == 1:
            return calls[0]
        several = f"il y a {len(calls)} appels de {calls[0].year} pour ce dispositif : dans cette colonne"
        what = "n'est pas un appel de ce dispositif" if label else several
        labels = one_of(call.label for call in calls)
        faults.append(FileFault(row.line, "campagne", label, f"{what}, {labels}"))
        return None
