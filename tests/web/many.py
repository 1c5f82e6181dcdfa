"""Many at once in the pages: what a person does there."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask.testing import FlaskClient

from grants.database import db
from grants.models import Funder, Project, User
from tests import acts
from tests.factories import World

Clients = Callable[[User | None], FlaskClient]


def at(w: World, what: str, *ticked: Project, **filters: str) -> str:
    query = [("quoi", what), ("lot", "coches" if ticked else "tous"), *filters.items()]
    query += [("projet", str(p.id)) for p in ticked]
    return f"/contrats/{w.contract.slug}/2026/plusieurs?" + "&".join(f"{k}={v}" for k, v in query)


def carried(page) -> dict[str, Any]:
    """What pressing its button sends: what was counted, and the ticks."""
    ticked = re.findall(r'name="projet" value="(\d+)"[^>]* checked>', page.text)
    counted = re.search(r'name="chosen"[^>]* value="([^"]*)"', page.text)[1]
    return {"chosen": counted, "projet": ticked}


def confirm(client: FlaskClient, address: str, **typed: str):
    """As the page shows it, then pressed."""
    page = client.get(address)
    assert page.status_code == 200
    return client.post(address, data=carried(page) | typed)


def proposed(w: World, count: int = 3, amount: int = 100) -> list[Project]:
    ps = [w.project() for _ in range(count)]
    for p in ps:
        acts.propose(p, w.cget, Decimal(amount), by=w.state_instructor)
    db.session.commit()
    return ps


def line(p: Project, funder: Funder):
    return acts.find(p, funder)
