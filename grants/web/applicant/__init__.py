"""What an applicant does: describe an action, deposit it, follow it."""

from flask import Blueprint

bp = Blueprint("applicant", __name__)

from grants.web.applicant import deposit, routes, section  # noqa: E402, F401
