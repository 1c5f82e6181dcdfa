"""The settings pages: what an administrator sets up."""

from flask import Blueprint

bp = Blueprint("admin", __name__, url_prefix="/reglages")
