from flask import Blueprint

bp = Blueprint("instruction", __name__)

from grants.web.instruction import (  # noqa: E402
    classifying,
    decisions,
    envelopes,
    home,
    opinions,
    projects,
    sheet,
    steps,
)

__all__ = [
    "bp", "classifying", "decisions", "envelopes", "home", "opinions", "projects", "sheet",
    "steps",
]  # fmt: skip
