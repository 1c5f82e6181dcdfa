"""What the committees' tables show of a dossier: once it is deposited, history keeps each change of
it, so that any past programming is read back exactly (`queries.past`)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from grants.domain.chart_of_accounts import SUBSIDIES
from grants.domain.ledger import history
from grants.models import Kind, OtherFunding, Project, User

COUNTED = (OtherFunding.ASKED, OtherFunding.OBTAINED)


@dataclass(frozen=True, slots=True)
class ShownProject:
    """A project's columns that the tables show: rows are read by these names, and history keeps
    them. One that is added here is right in past versions from then on."""

    title: str
    kind: Kind
    year_of: int | None
    years_total: int | None
    predecessor_id: int | None
    commune_id: int | None
    total_cost: Decimal | None
    beneficiaries: int | None
    beneficiaries_qpv: int | None


COLUMNS = tuple(field.name for field in fields(ShownProject))


def shown(project: Project) -> dict[str, Any]:
    """By the name under which history keeps it. Other funding: subsidies from outside the call, but
    those refused; of it, what is droit commun."""
    others = [line for line in project.budget if line.account == SUBSIDIES and line.other_funding in COUNTED]
    own = sum((line.amount for line in others if line.ordinary_law), Decimal(0))
    return {
        **{name: getattr(project, name) for name in COLUMNS},
        "other_communes": ", ".join(commune.label for commune in project.communes_beside),
        "zones": ", ".join(zone.label for zone in project.zones),
        "other_funding": sum((line.amount for line in others), Decimal(0)) if others else None,
        "ordinary_law": own if others else None,
    }


def record_changes(project: Project, before: dict[str, Any], *, by: User) -> None:
    for name, value in shown(project).items():
        if value != before[name]:
            history.record(project, "save", by=by, field=name, old=before[name], new=value)
