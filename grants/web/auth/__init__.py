from flask import Blueprint

bp = Blueprint("auth", __name__)

from grants.web.auth import account, members, organisations, routes  # noqa: E402

__all__ = ["account", "bp", "members", "organisations", "routes"]
