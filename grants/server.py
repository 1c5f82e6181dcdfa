"""The production server: gunicorn, set up for this application.

Two processes use two cores (writers to SQLite queue, see `database`); few threads each, because
threads of one process take turns at Python anyway. What is loaded at the start is frozen out of
the garbage collector, whose full collections would otherwise pause requests by 20 ms.
"""

from __future__ import annotations

import gc
import socket
from errno import EADDRINUSE
from subprocess import Popen
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from grants import create_app, worker
from grants.config import Settings

WORKERS = 2
THREADS = 3


class Server(BaseApplication):  # type: ignore[misc]
    """`app` is built once, before the workers fork, and its memory shared with them."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self.app = app
        self.worker: Popen[bytes] | None = None
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
        self.worker = worker.start()
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 10, 5)

    def ended(self, _server: Any) -> None:
        if self.worker:
            worker.end(self.worker)


def _check_free(host: str, port: int) -> None:
    try:
        with socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        ):
            pass
    except OSError as error:
        why = "est déjà pris" if error.errno == EADDRINUSE else f"est refusé ({error.strerror})"
        raise OSError(
            f"Le port {port} de {host} {why} : choisissez-en un autre avec --port, ou arrêtez ce"
            " qui l'occupe."
        ) from None


def _named(host: str) -> str:
    """As a browser on this machine says it."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def serve(host: str, port: int) -> None:
    """Serve until stopped. Raises `config.SettingsError` as `create_app` does, `OSError` where
    the port cannot be had: gunicorn itself would try five times, in English."""
    app = create_app(Settings.from_environment(here=f"http://{_named(host)}:{port}"))
    _check_free(host, port)
    Server(app, host, port).run()
