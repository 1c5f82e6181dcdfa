"""The production server: gunicorn, set up for this application.

Two processes use two cores (writers to SQLite queue, see `database`); few threads each, because
threads of one process take turns at Python anyway. What is loaded at the start is frozen out of
the garbage collector, whose full collections would otherwise pause requests by 20 ms.
"""

from __future__ import annotations

import gc
from subprocess import Popen
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from grants import create_app, worker

WORKERS = 2
THREADS = 3


class Server(BaseApplication):  # type: ignore[misc]
    """`app` is built once, before the workers fork, and its memory shared with them."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self.app = app
        self.mail_worker: Popen[bytes] | None = None
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

    def ready(self, _server: Any) -> None:
        """Before the fork. What is loaded is never garbage: kept out of collections, its memory
        stays shared."""
        if self.app.config["SETTINGS"].mail_server:
            self.mail_worker = worker.start()
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 10, 5)

    def ended(self, _server: Any) -> None:
        if self.mail_worker:
            worker.end(self.mail_worker)


def serve(host: str, port: int) -> None:
    """Serve until stopped. Raises `config.SettingsError` as `create_app` does."""
    Server(create_app(), host, port).run()
