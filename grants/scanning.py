"""Viruses: each file is shown to clamd before it is kept, where GRANTS_CLAMD names one.

Its INSTREAM command (clamd(8)): chunks, each after its length as four bytes, then a length of 0.
"""

from __future__ import annotations

import socket
import struct
from typing import IO

from grants.errors import DomainError
from grants.storage import chunks

SECONDS = 30
UNREACHABLE = "L'antivirus ne répond pas, ce fichier n'a pas été gardé : renvoyez-le dans quelques minutes."


def scan(content: IO[bytes], clamd: str) -> None:
    """`clamd`: `host:port` or `unix:/path`. Raises `DomainError` for a virus, and when nobody
    could look: a file that nobody looked at is not kept."""
    try:
        answer = _ask(content, clamd)
    except OSError:
        raise DomainError(UNREACHABLE) from None
    if answer.endswith("FOUND"):
        virus = answer.removeprefix("stream: ").removesuffix(" FOUND")
        raise DomainError(
            f"L'antivirus y a trouvé « {virus} » : ce fichier n'a pas été gardé. Vérifiez votre ordinateur."
        )
    if answer != "stream: OK":
        raise DomainError(UNREACHABLE)


def _ask(content: IO[bytes], clamd: str) -> str:
    with _connect(clamd) as line:
        line.sendall(b"zINSTREAM\0")
        for chunk in chunks(content):
            line.sendall(struct.pack("!L", len(chunk)) + chunk)
        line.sendall(struct.pack("!L", 0))
        answer = b"".join(iter(lambda: line.recv(4096), b""))
    return answer.rstrip(b"\0").decode(errors="replace").strip()


def _connect(clamd: str) -> socket.socket:
    if not clamd.startswith("unix:"):
        host, _, port = clamd.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), SECONDS)
    line = socket.socket(socket.AF_UNIX)
    try:
        line.settimeout(SECONDS)
        line.connect(clamd.removeprefix("unix:"))
    except OSError:
        line.close()
        raise
    return line
