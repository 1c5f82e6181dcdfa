"""The production server: gunicorn, set up for this application.

Two processes use two cores (writers to SQLite queue, see `database`); few threads each, because
threads of one process take turns at Python anyway. What is loaded at the start is frozen out of
the garbage collector, whose full collections would otherwise pause requests by 20 ms.
"""

from __future__ import annotations

import gc
import socket
import subprocess
import sys
from contextlib import suppress
from errno import EADDRINUSE
from functools import partial
from threading import Timer
from typing import Any

import click
from flask import Flask
from gunicorn import util
from gunicorn.app.base import BaseApplication
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from grants import create_app, database, worker
from grants.config import Settings, SettingsError
from grants.database import begin_write, db
from grants.domain.accounts import first_start
from grants.paths import MIGRATIONS
from grants.queries.unchanged import lists, unchanged
from grants.web.errors import refused
from grants.web.uploads import ALLOW, FORM_BYTES

WORKERS = 2
THREADS = 3
KEPT = 8  # figures of so many years, comparisons and grids, in each process
KEPT_OF_LISTS = 64  # pages of lists, their totals, what their filters offer
# What a phone sends where reception is poor, in bytes a second.
BODY_RATE = 25_000


class BodyLimit:
    """A body comes within a time that its length allows, or its connection is no longer read: a
    thread is not kept by who sends a byte now and then. `seconds`: for one of text. Files have
    theirs once it is known who sends them (`web/uploads.py` asks for it): anybody can announce a
    length. What was refused unread is not read afterwards."""

    def __init__(self, app: Any, seconds: float) -> None:
        self.app, self.seconds = app, seconds

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        length = environ.get("CONTENT_LENGTH") or ""
        if environ["REQUEST_METHOD"] in ("GET", "HEAD") and not length:
            return self.app(environ, start_response)
        announced = int(length) if length.isdecimal() else 0
        end = BodyEnd(environ["gunicorn.socket"], self.seconds, announced if announced <= FORM_BYTES else 0)
        environ[ALLOW] = end.allow
        try:
            return self.app(environ, start_response)
        finally:
            end.timer.cancel()
            if getattr(getattr(environ.get("wsgi.input"), "reader", None), "length", 0):
                _stop_reading(environ["gunicorn.socket"])


class BodyEnd:
    def __init__(self, connection: socket.socket, seconds: float, length: int) -> None:
        self.connection, self.seconds = connection, seconds
        self.start(length)

    def allow(self, length: int) -> None:
        """From now on, the time of so many bytes."""
        self.timer.cancel()
        self.start(length)

    def start(self, length: int) -> None:
        self.timer = Timer(self.seconds + length / BODY_RATE, _stop_reading, (self.connection,))
        self.timer.daemon = True
        self.timer.start()


def _keep_figures(_server: Any, _worker: Any) -> None:
    unchanged.most, lists.most = KEPT, KEPT_OF_LISTS


def _stop_reading(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RD)


def _refuse(app: Flask, connection: socket.socket, status: int, reason: str, _why: str) -> None:
    """What gunicorn refuses by itself (an address too long, headers that are none) gets a page of
    ours, where it would write a line in English."""
    with app.test_request_context():
        page = refused(status).encode()
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nCache-Control: no-store\r\n"
        f"Content-Type: text/html; charset=utf-8\r\nContent-Length: {len(page)}\r\n\r\n"
    )
    util.write_nonblock(connection, head.encode() + page)


class Server(BaseApplication):  # type: ignore[misc]
    """`app` is built once, before the workers fork, and its memory shared with them. `first`: where a
    new site is given its administrator."""

    def __init__(self, app: Flask, host: str, port: int, first: str = "") -> None:
        self.app, self.first = app, first
        self.worker: subprocess.Popen[bytes] | None = None
        self.settings = {
            "bind": f"{host}:{port}",
            "workers": WORKERS,
            "threads": THREADS,
            "worker_class": "gthread",
            "preload_app": True,
            "keepalive": 15,
            "timeout": 60,
            "loglevel": "warning",
            "when_ready": self.ready,
            "post_fork": _keep_figures,
            "on_exit": self.ended,
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        for key, value in self.settings.items():
            self.cfg.set(key, value)

    def load(self) -> Flask:
        return self.app

    def ready(self, server: Any) -> None:
        """Before the fork. What is loaded is never garbage: kept out of collections, its memory
        stays shared."""
        for host, port in (address[:2] for address in server.address):
            click.echo(f"Serveur prêt : http://{host}:{port} (Ctrl+C pour l'arrêter)")
        if self.first:
            click.echo(f"Personne n'administre encore ce site : ouvrez cette adresse, une seule fois.\n{self.first}")
        util.write_error = partial(_refuse, self.app)
        self.worker = worker.start()
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 10, 5)

    def ended(self, _server: Any) -> None:
        if self.worker:
            worker.end(self.worker)


def _check_schema() -> None:
    """Raises `SettingsError` unless the tables are those of this version: the highest number among its
    migrations. Where there is none yet they are made (elsewhere: Alembic weighs too much here, see `schema`)."""
    own = max(file.name.split("_")[0] for file in MIGRATIONS.glob("versions/[0-9]*.py"))
    try:
        with db.engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            query = text("SELECT version_num FROM alembic_version")
            version = connection.scalar(query) if "alembic_version" in tables else ""
    except OperationalError as error:
        raise SettingsError(f"La base de données ne répond pas ({error.orig}) : vérifiez DATABASE_URL.") from None
    finally:
        db.engine.dispose()
    if not tables:
        made = subprocess.run([sys.executable, "-m", "grants", "init"])
        if made.returncode:
            raise SettingsError("La base de données n'a pas pu être créée.")
    elif version != own:
        raise SettingsError(
            f"La base de données est à la version {version or 'zéro'}, ce programme à la {own} : "
            + (
                "lancez « grants init », après une sauvegarde."
                if (version or "") < own
                else "installez la version de grants qui l'a mise à jour."
            )
        )


def _first_address(settings: Settings) -> str:
    """Where the first administrator is created; empty where there is one."""
    begin_write()
    secret = first_start.new_secret()
    db.session.commit()
    db.engine.dispose()
    return f"{settings.base_url}/premiere-ouverture/{secret}" if secret else ""


def _check_free(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        why = "est déjà pris" if error.errno == EADDRINUSE else f"est refusé ({error.strerror})"
        raise OSError(
            f"Le port {port} de {host} {why} : choisissez-en un autre avec --port, ou arrêtez ce qui l'occupe."
        ) from None


def _named(host: str) -> str:
    """As a browser on this machine says it."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def serve(host: str, port: int) -> None:
    """Serve until stopped. Raises `config.SettingsError` as `create_app` does, `OSError` where
    the port cannot be had: gunicorn itself would try five times, in English."""
    settings = Settings.from_environment(usual_url=f"http://{_named(host)}:{port}")
    app = create_app(settings)
    _check_free(host, port)
    with app.app_context():
        _check_schema()
        first = _first_address(settings)
    if not settings.production:
        click.echo(
            "Réglages d'essai (GRANTS_ENV n'est pas « production ») : pour un vrai service, voir docs/operations.md.",
            err=True,
        )
    elif not settings.behind_proxies:
        click.echo(
            "Sans proxy devant lui (GRANTS_PROXIES=0), n'importe qui peut bloquer ce service par des envois lents :"
            " mettez devant lui celui de docs/operations.md.",
            err=True,
        )
    database.keep_threads_free(THREADS - 1)
    app.wsgi_app = BodyLimit(app.wsgi_app, settings.body_seconds)  # type: ignore[method-assign]
    Server(app, host, port, first).run()
