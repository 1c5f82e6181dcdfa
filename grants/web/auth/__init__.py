"""Signing in, one's account, and the organisations that one acts for."""

from flask import Blueprint

bp = Blueprint("auth", __name__)
