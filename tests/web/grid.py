"""What tests of the grid share: its addresses, what its script sends, and the lines it wrote."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from grants.database import db
from grants.models import Funder, FundingLine, Project
from tests.factories import World

JSON = {"Accept": "application/json"}


def address(w: World, more: str = "") -> str:
    return f"/contrats/{w.contract.slug}/{w.campaign.year}/grille{more}"


def cell(p: Project, funder: Funder, action: str, amount: str = "", **more: Any) -> dict[str, Any]:
    version = db.session.scalar(select(FundingLine.version).filter_by(project_id=p.id, funder_id=funder.id))
    return {"project": p.id, "funder": funder.id, "version": version or 0, "action": action, "amount": amount, **more}


def send(client, w: World, *cells: dict[str, Any], **why: str):
    return client.post(address(w, "/cellules"), json={"cells": cells, **why}, headers=JSON)


def line_of(p: Project, funder: Funder) -> FundingLine:
    db.session.rollback()
    return db.session.scalars(select(FundingLine).filter_by(project_id=p.id, funder_id=funder.id)).one()
