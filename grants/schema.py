"""The tables, made and changed by Alembic. Apart from `create_app`: what this loads weighs 11 MiB a
process, and the server has no use for it."""

from __future__ import annotations

import logging

import flask_migrate
from alembic.script import ScriptDirectory
from flask import Flask, current_app

from grants import create_app
from grants.database import db
from grants.paths import MIGRATIONS


def bind(app: Flask) -> Flask:
    flask_migrate.Migrate(app, db, directory=str(MIGRATIONS))
    return app


def create() -> Flask:
    """For Alembic's own commands: `flask --app grants.schema:create db check`."""
    return bind(create_app())


def known(revision: str) -> bool:
    """Whether it is one of this version's, and not of a newer one."""
    return any(r.revision == revision for r in ScriptDirectory(MIGRATIONS).walk_revisions())


def upgrade(revision: str = "head") -> None:
    """Create or upgrade every table, without Alembic's talk."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    bind(current_app)
    flask_migrate.upgrade(revision=revision)
