from flask import Blueprint

bp = Blueprint("committee", __name__)

from grants.web.committee import comparing, routes, versions  # noqa: E402, F401
