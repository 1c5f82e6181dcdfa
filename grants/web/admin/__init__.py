from flask import Blueprint

bp = Blueprint("admin", __name__, url_prefix="/reglages")

from grants.web.admin import (  # noqa: E402
    accounts,
    call_lists,
    campaigns,
    contracts,
    envelopes,
    late_permissions,
    mails,
    partners,
    pieces,
    questions,
    routes,
    security,
    territory,
    themes,
)

__all__ = [
    "accounts", "bp", "call_lists", "campaigns", "contracts", "envelopes", "late_permissions",
    "mails", "partners", "pieces", "questions", "routes", "security", "territory",
    "themes",
]  # fmt: skip
