"""Which funders a dossier may ask, by its communes: the one rule and its refusal."""

from __future__ import annotations

from grants.models import Funder, Project


def finances(funder: Funder, project: Project) -> bool:
    """A funder of one commune finances the dossiers that name it, as their main one or beside; nobody is asked
    which one it is where the contract has one."""
    if funder.commune_id in (None, project.commune_id) or not project.campaign.contract.named_communes:
        return True
    return funder.commune_id in {commune.id for commune in project.other_communes}


def elsewhere(funder: Funder) -> str:
    """Why not, in French; of one that `finances` refuses."""
    return f"{funder.label} ne finance que les actions de {funder.commune and funder.commune.label}"
