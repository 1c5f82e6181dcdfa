"""What the commands of `grants` share: the application, refusals as lines, files in and out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn

import click
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, ProgrammingError

from grants import create_app
from grants.config import SettingsError
from grants.database import db
from grants.domain.importing import ImportRefused, Report
from grants.errors import DomainError
from grants.models import Contract


def fail(*lines: str) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(1)


def _application() -> Flask:
    try:
        return create_app()
    except (SettingsError, OSError) as error:
        fail(str(error))


def refusing(function: Callable[..., None]) -> Callable[..., None]:
    """Run within the application; whatever is refused becomes lines on standard error."""

    @wraps(function)
    def run(**arguments: Any) -> None:
        with _application().app_context():
            try:
                function(**arguments)
            except ImportRefused as refused:
                fail(*(str(fault) for fault in refused.faults))
            except DomainError as error:
                fail(error.message)
            except (OperationalError, ProgrammingError) as error:
                fail(
                    f"La base de données ne répond pas comme prévu : {error.orig}",
                    "Lancez d'abord « grants init », ou vérifiez DATABASE_URL.",
                )
            finally:
                db.session.remove()
                db.engine.dispose()

    return run


def contract_named(slug: str) -> Contract:
    contract = db.session.scalar(select(Contract).where(Contract.slug == slug))
    if contract is None:
        known = ", ".join(db.session.scalars(select(Contract.slug).order_by(Contract.slug)))
        fail(f"contrat « {slug} » inconnu ; écrire l'un de : {known or '(aucun contrat)'}")
    return contract


def read_file(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        fail(f"{file} : fichier illisible ({error.strerror})")


def write_file(out: str, write: Callable[[BytesIO], None]) -> None:
    """Made whole before the file is touched: a workbook half written would complain at the end."""
    content = BytesIO()
    write(content)
    try:
        Path(out).write_bytes(content.getvalue())
    except OSError as error:
        fail(f"{out} : impossible d'écrire ce fichier ({error.strerror})")
    click.echo(f"Écrit : {out}")


def end_import(report: Report, *, dry_run: bool = False) -> None:
    """Tell what was done, and keep it, or not."""
    for message in report.messages:
        click.echo(message)
    if dry_run:
        db.session.rollback()
        click.echo("Vérification seule : rien n'a été écrit.")
    else:
        db.session.commit()
