"""Firefox ESR, which Playwright cannot drive as Debian ships it, by its own protocol (Marionette:
`length:[type, id, command, parameters]` in JSON over a socket)."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FIREFOX = shutil.which("firefox-esr")


class Firefox:
    def __init__(self, connection: socket.socket) -> None:
        self.connection, self.answers, self.sent = connection, connection.makefile("rb"), 0
        self._read()  # it says hello
        self.call("WebDriver:NewSession", capabilities={})
        self.call("WebDriver:SetTimeouts", script=300_000, pageLoad=120_000)

    def go(self, address: str) -> None:
        self.call("WebDriver:Navigate", url=address)

    def waits_for(self, script: str, *arguments: object) -> Any:
        """What an asynchronous function of this body gives, as JSON holds it. It has `given`."""
        body = f"""const given = [...arguments], done = given.pop();
            (async () => {{ {script} }})().then(done, error => done(String(error)))"""
        return self.call("WebDriver:ExecuteAsyncScript", script=body, args=[*arguments])["value"]

    def call(self, command: str, **parameters: object) -> Any:
        self.sent += 1
        message = json.dumps([0, self.sent, command, parameters]).encode()
        self.connection.sendall(b"%d:%b" % (len(message), message))
        _type, _id, error, result = self._read()
        assert error is None, (command, error)
        return result

    def _read(self) -> Any:
        length = b""
        while (byte := self.answers.read(1)) != b":":
            length += byte
        return json.loads(self.answers.read(int(length)))


@contextmanager
def firefox(profile: Path, width: int, height: int) -> Iterator[Firefox]:
    assert FIREFOX
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (profile / "user.js").write_text(f'user_pref("marionette.port", {port});\n')
    process = subprocess.Popen(
        [FIREFOX, "--headless", "--marionette", "--no-remote", "--profile", str(profile),
         f"--width={width}", f"--height={height}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with _connected(port, process) as connection:
            started = Firefox(connection)
            yield started
            started.answers.close()
    finally:
        process.terminate()
        process.wait(30)


def _connected(port: int, process: subprocess.Popen[bytes]) -> socket.socket:
    for _ in range(1200):
        assert process.poll() is None, "Firefox has ended"
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=600)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("Firefox does not answer")
