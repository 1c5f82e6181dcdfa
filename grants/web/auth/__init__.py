from flask import Blueprint

bp = Blueprint("auth", __name__)

from grants.web.auth import (  # noqa: E402
    account,
    confirming,
    devices,
    invitations,
    members,
    organisations,
    record,
    routes,
)

__all__ = [
    "account", "bp", "confirming", "devices", "invitations", "members", "organisations", "record",
    "routes",
]  # fmt: skip
