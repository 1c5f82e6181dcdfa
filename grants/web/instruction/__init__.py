from flask import Blueprint

bp = Blueprint("instruction", __name__)

from grants.web.instruction import routes  # noqa: E402, F401
