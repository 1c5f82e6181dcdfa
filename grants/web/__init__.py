"""The pages: one folder a kind of user."""

from __future__ import annotations

from importlib import import_module

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
        app.register_blueprint(import_module(f"grants.web.{name}").bp)
    from grants.web.applicant.pages import chapters

    words_come_from(chapters)
