from flask import Blueprint

bp = Blueprint("auth", __name__)

from grants.web.auth import routes  # noqa: E402, F401
