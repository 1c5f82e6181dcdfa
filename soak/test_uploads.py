"""300 files sent at once to a real server, on both databases."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from tests.conftest import both
from tests.serving import Served
from tests.web.test_uploads_together import send_at_once, server

__all__ = ["server"]  # a fixture


@both
def test_three_hundred_at_once(app: Flask, server: Served, tmp_path: Path) -> None:
    send_at_once(300, app, server, tmp_path)
