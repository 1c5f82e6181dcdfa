from flask import Blueprint

bp = Blueprint("instruction", __name__)

from grants.web.instruction import (  # noqa: E402
    analysis,
    bearer,
    checklist,
    classifying,
    decisions,
    envelopes,
    exchanges,
    grid,
    grid_column,
    grid_writing,
    home,
    lineage,
    many,
    notes,
    on_behalf,
    operations,
    opinions,
    piece_requests,
    projects,
    renewals,
    scoring,
    sheet,
    steps,
)

__all__ = [
    "analysis", "bearer", "bp", "checklist", "classifying", "decisions", "envelopes", "exchanges",
    "grid", "grid_column", "grid_writing", "home", "lineage", "many", "notes", "on_behalf",
    "operations", "opinions", "piece_requests", "projects", "renewals", "scoring", "sheet",
    "steps",
]  # fmt: skip
