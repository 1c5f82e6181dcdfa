"""The server under what would stop it: many who write, and bodies that do not come."""

from __future__ import annotations

import fcntl
import secrets
import socket
import threading
import time
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from grants import database, server
from grants.config import Settings, SettingsError
from grants.database import begin_write, db
from tests.serving import environment, served


def test_a_thread_is_kept_free_of_those_who_wait_to_write(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two may wait; the third is told at once. The two write once it is their turn."""
    monkeypatch.setattr(database, "_waiting", threading.BoundedSemaphore(2))
    told, begun = [], threading.Semaphore(0)

    def write() -> None:
        with app.app_context():
            try:
                begun.release()
                begin_write()
                told.append("written")
            except OperationalError:
                told.append("busy")
            finally:
                db.session.remove()

    with open(f"{db.engine.url.database}.queue", "w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        threads = [threading.Thread(target=write) for _ in range(3)]
        for thread in threads:
            thread.start()
        while "busy" not in told:
            time.sleep(0.01)
        assert told == ["busy"]
    for thread in threads:
        thread.join(20)
    assert sorted(told) == ["busy", "written", "written"]


def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "BODY_RATE", 1000)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        read = server.BodyLimit(lambda _environ, _start: ours.recv(10), seconds=0.2)
        asked = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "100", "gunicorn.socket": ours}
        begin = time.monotonic()
        assert read(asked, None) == b""  # as where the other side has gone
        assert time.monotonic() - begin >= 0.3
        ours.sendall(b"an answer still goes out")
        assert theirs.recv(100) == b"an answer still goes out"


@pytest.mark.parametrize("seconds", ["30s", "nan", "-1", "0", ""])
def test_a_time_that_is_none_is_refused_by_name(tmp_path: Path, seconds: str) -> None:
    env = {"GRANTS_DATA_DIR": str(tmp_path), "GRANTS_BODY_SECONDS": seconds}
    with pytest.raises(SettingsError, match="GRANTS_BODY_SECONDS"):
        Settings.from_environment(env)


@pytest.mark.parametrize("proxies", ["0", "1"])
def test_who_serves_without_a_proxy_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], proxies: str
) -> None:
    env = {"ENV": "production", "PROXIES": proxies, "BASE_URL": "https://subventions.ville.fr"}
    for name, value in env.items():
        monkeypatch.setenv(f"GRANTS_{name}", value)
    monkeypatch.setenv("SECRET_KEY", secrets.token_hex(32))
    monkeypatch.setattr(server, "create_app", lambda _settings: Flask("none"))
    for part in ("_check_schema", "_check_free", "_first_address", "Server"):
        monkeypatch.setattr(server, part, MagicMock())
    monkeypatch.setattr(database, "keep_threads_free", MagicMock())
    server.serve("127.0.0.1", 8000)
    assert ("docs/operations.md" in capsys.readouterr().err) == (proxies == "0")


LONG, HEAD = b"a" * 9000, b"HTTP/1.1\r\nHost: x\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
UNREAD = {
    b"GET /?q=%s %s\r\n" % (LONG, HEAD): (414, "Adresse trop longue"),
    b"GET / %sCookie: %s\r\n\r\n" % (HEAD, LONG): (431, "Effacez les cookies"),
    b"GET / %s%s\r\n" % (HEAD, b"x: 1\r\n" * 200): (431, "Effacez les cookies"),
    b"GET\r\n\r\n": (400, "Demande illisible"),
    b"GET / HTTP/9.9\r\n\r\n": (400, "Demande illisible"),
    b"GET / %sno header\r\n\r\n" % HEAD: (400, "Demande illisible"),
    b"POST / %sExpect: tea\r\nContent-Length: 1\r\n\r\n" % HEAD: (417, "Demande illisible"),
    b"POST /connexion %s%szz\r\n\r\n" % (HEAD, CHUNKED): (400, "Demande illisible"),
}


ANNOUNCED = {10: 400, 60_000_000: 413, 10**11: 413}
SLOW = b"POST /connexion HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\na"


@pytest.mark.slow
def test_one_server_refuses_in_french_and_waits_for_nobody(app: Flask, tmp_path: Path) -> None:
    env = environment(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path) | {"GRANTS_BODY_SECONDS": "2"}
    with served(env) as running:
        _refuses_by_itself(("127.0.0.1", running.port))
        _slow_bodies(("127.0.0.1", running.port))


def _refuses_by_itself(address: tuple[str, int]) -> None:
    for sent, (status, words) in UNREAD.items():
        with socket.create_connection(address, 60) as asking:
            asking.sendall(sent)
            head, _, page = b"".join(iter(lambda: asking.recv(9999), b"")).partition(b"\r\n" * 2)
        assert head.startswith(b"HTTP/1.1 %d " % status), (sent[:80], head)
        assert f"Content-Length: {len(page)}" in head.decode()
        assert words in page.decode()
        assert 'href="/">Retour à l\'accueil' in page.decode()


def _slow_bodies(address: tuple[str, int]) -> None:
    """Whatever length they announce, they do not stop the server."""
    slow = [(n, socket.create_connection(address, 60)) for n in [*ANNOUNCED] * 8]
    for length, each in slow:
        each.sendall(SLOW % length)
    with socket.create_connection(address, 60) as reader:
        reader.sendall(b"GET / HTTP/1.0\r\nHost: x\r\n\r\n")
        assert b" 200 OK" in reader.recv(100)
    for length, each in slow:
        assert each.recv(100).startswith(b"HTTP/1.1 %d" % ANNOUNCED[length])
        while each.recv(9999):
            pass  # to the end: it is not waited for any more
        each.close()
