"""The pages: one folder a kind of user."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from flask import Flask

from grants.domain.dossier.frozen import words_come_from

BLUEPRINTS = ("public", "auth", "applicant", "documents", "instruction", "committee", "admin")


def init_app(app: Flask) -> None:
    """Register every blueprint, and what all pages share."""
    from grants.web import access, errors, filters, forms, kept, uploads

    access.init_app(app)
    errors.init_app(app)
    filters.init_app(app)
    forms.init_app(app)
    uploads.init_app(app)
    kept.init_app(app)
    for name in BLUEPRINTS:
        app.register_blueprint(_with_its_routes(f"grants.web.{name}").bp)
    from grants.web.applicant.pages import chapters

    words_come_from(chapters)


def _with_its_routes(name: str) -> Any:
    """A module, or a folder of modules, whose import puts the routes on their blueprint."""
    found = import_module(name)
    for each in iter_modules(getattr(found, "__path__", ())):
        import_module(f"{name}.{each.name}")
    return found
