from flask import Blueprint

bp = Blueprint("applicant", __name__)

from grants.web.applicant import routes  # noqa: E402, F401
