"""What instructors and coordinators work on."""

from flask import Blueprint

bp = Blueprint("instruction", __name__)
