"""What an applicant does: describe an action, deposit it, follow it."""

from flask import Blueprint

bp = Blueprint("applicant", __name__)
