"""What an applicant does: describe an action, deposit it, follow it."""

from flask import Blueprint

bp = Blueprint("applicant", __name__)

from grants.web.applicant import deposit, exchanges, pdf, pieces, presence, renewal, routes, section  # noqa: E402, F401
