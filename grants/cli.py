"""The command `grants`: stable, scripts depend on it.

Exit status 0 or 1; errors on standard error, one line a fault, in French.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
from flask import current_app
from sqlalchemy.exc import OperationalError

from grants.commands import contract_named, end_import, fail, read_file, refusing, write_file
from grants.config import SettingsError
from grants.database import begin_write, db
from grants.domain import importing
from grants.domain.accounts import accounts
from grants.domain.documents import document
from grants.errors import DomainError
from grants.storage import Storage


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """grants : les subventions d'un contrat de ville."""
    os.umask(0o077)  # base and documents are their owner's alone


@cli.command()
@refusing
def init() -> None:
    """Crée ou met à jour la base de données ; peut être relancé."""
    from grants import schema

    schema.upgrade()
    click.echo("Base de données prête.")


@cli.command()
@refusing
def sweep_files() -> None:
    """Retire les fichiers de plus d'un jour qu'aucun document de la base ne nomme."""
    url = current_app.config["SETTINGS"].uploads.storage_url
    click.echo(f"{document.sweep(Storage(url))} fichier(s) retiré(s) de {url}.")


@cli.command()
@click.option("--dry-run", is_flag=True, help="Dit ce qui serait effacé, n'efface rien.")
@refusing
def retention(dry_run: bool) -> None:
    """Efface les dossiers plus anciens que GRANTS_RETENTION_YEARS, avec tout ce qui est à eux."""
    from grants.domain.ledger import retention as rules

    settings = current_app.config["SETTINGS"]
    begin_write()
    old = rules.old_years(settings.retention_years)
    if old and not dry_run:
        files = rules.purge(settings.retention_years, by=importing.reprise_account())
        db.session.commit()
        Storage(settings.uploads.storage_url).remove_all(files)
    for row in old:
        click.echo(f"{row.contract}, {row.year} : {row.dossiers} dossier(s) {'à effacer' if dry_run else 'effacés'}")
    click.echo(f"Au-delà de {settings.retention_years} ans : {sum(row.dossiers for row in old)} dossier(s).")


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@refusing
def backup(file: Path) -> None:
    """Sauve la base, les documents et la clé dans un fichier, pendant qu'on travaille."""
    from grants.backup import backup as write

    try:
        click.echo(f"Écrit : {file} ({write(file)})")
    except OSError as error:
        fail(f"{file} : impossible d'écrire ce fichier ({error.strerror})")


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--into", "folder", required=True, type=click.Path(path_type=Path), help="Nouveau dossier de données.")
def restore(file: Path, folder: Path) -> None:
    """Remet une sauvegarde en place, dans un nouveau dossier (et la base de DATABASE_URL)."""
    from grants.backup import restore as read

    try:
        click.echo(f"Remis en place dans {folder} : {read(file, folder)}")
    except OperationalError as error:
        fail(f"La base de données ne répond pas : {error.orig}", "Vérifiez DATABASE_URL.")
    except (DomainError, SettingsError, OSError) as error:
        fail(str(error))


@cli.command()
@click.argument("email")
@refusing
def create_admin(email: str) -> None:
    """Crée un administrateur ; affiche le lien où il choisit son mot de passe."""
    begin_write()
    token = accounts.create_admin(email)
    db.session.commit()
    click.echo("Lien à ouvrir une seule fois, dans les 72 heures, sur l'adresse de votre serveur :")
    click.echo(f"{current_app.config['SETTINGS'].base_url}/mot-de-passe/{token}")


@cli.command()
@refusing
def demo() -> None:
    """Charge la démonstration et affiche ses comptes ; peut être relancé."""
    from grants import demo as demonstration
    from grants import schema

    schema.upgrade()
    for line in demonstration.load():
        click.echo(line)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def serve(host: str, port: int) -> None:
    """Sert l'application (serveur de production)."""
    from grants.server import serve as run

    try:
        run(host, port)
    except (SettingsError, OSError) as error:
        fail(str(error))


@cli.command()
@click.option("--parent", type=int, hidden=True, help="S'arrête avec ce processus.")
@refusing
def worker(parent: int | None) -> None:
    """Envoie les courriels et fait le ménage, jusqu'à ce qu'on l'arrête."""
    from grants.worker import run, until_signalled

    run(current_app.config["SETTINGS"], until_signalled(), parent)


@cli.group(name="import")
def import_group() -> None:
    """Importe un contrat, des enveloppes ou une programmation."""


def contract_option(function: Callable[..., None]) -> Callable[..., None]:
    return click.option("--contract", required=True, metavar="SLUG")(function)


@import_group.command(name="contract")
@click.argument("file")
@refusing
def import_contract(file: str) -> None:
    """Importe un contrat (JSON) ; peut être relancé."""
    data = read_file(file)
    begin_write()
    contract = importing.import_contract(data, by=importing.reprise_account(), tell=click.echo)
    db.session.commit()
    for key in importing.ignored_keys(data):
        click.echo(f"clé inconnue, ignorée : {key}")
    click.echo(f"Contrat « {contract.label} » importé, sous le nom (--contract) : {contract.slug}")


@import_group.command(name="envelopes")
@click.argument("file")
@contract_option
@refusing
def import_envelopes(file: str, contract: str) -> None:
    """Importe des enveloppes (CSV)."""
    data = read_file(file)
    begin_write()
    end_import(importing.import_envelopes(data, contract_named(contract), by=importing.reprise_account()))


@import_group.command(name="programming")
@click.argument("file")
@contract_option
@click.option("--dry-run", is_flag=True, help="Vérifie tout, n'écrit rien.")
@refusing
def import_programming(file: str, contract: str, dry_run: bool) -> None:
    """Importe une programmation (CSV)."""
    data = read_file(file)
    begin_write()
    by = importing.reprise_account()
    report = importing.import_programming(data, contract_named(contract), by=by, dry_run=dry_run)
    end_import(report, dry_run=dry_run)


@cli.group(name="export")
def export_group() -> None:
    """Écrit les classeurs Excel, et le fichier d'un contrat."""


@export_group.command(name="programming")
@contract_option
@click.option("--year", required=True, type=int)
@click.option("--out", required=True, metavar="FILE.xlsx")
@refusing
def export_programming(contract: str, year: int, out: str) -> None:
    """Écrit le classeur de programmation d'une année."""
    from exports.programming import write
    from grants.queries.programming.programming import programming

    of = contract_named(contract)
    figures = programming(of, year)
    if not figures.sections:
        fail(f"aucun appel à projets en {year} pour ce contrat")
    write_file(out, lambda file: write(figures, of, file))


@export_group.command(name="contract")
@click.argument("slug")
@click.option("--out", required=True, metavar="FILE.json")
@refusing
def export_contract(slug: str, out: str) -> None:
    """Écrit le fichier du contrat, tel que « import contract » le lit."""
    from exports.contract_file import write

    write_file(out, partial(write, contract_named(slug)))


@export_group.command(name="comparison")
@contract_option
@click.option("--years", required=True, nargs=2, type=int)
@click.option("--out", required=True, metavar="FILE.xlsx")
@refusing
def export_comparison(contract: str, years: tuple[int, int], out: str) -> None:
    """Écrit le classeur qui compare deux années."""
    from exports.comparison import write
    from grants.queries.comparison.comparison import comparison, why_not
    from grants.queries.programming.programming import years as known

    of = contract_named(contract)
    if why := why_not(known(of), *years):
        fail(why)
    write_file(out, lambda file: write(comparison(of, *years), of, file))


def main() -> None:
    cli(prog_name="grants")
