"""Alembic over the application's own engine; SQLite alters tables by batch."""

from alembic import context
from flask import current_app

db = current_app.extensions["migrate"].db


def run() -> None:
    with db.engine.connect().execution_options(grants_write=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=True,
            user_module_prefix="grants.models.base.",
        )
        with context.begin_transaction():
            context.run_migrations()


run()
