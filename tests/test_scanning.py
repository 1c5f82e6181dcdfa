"""clamd's INSTREAM, spoken to a small stand-in, and to Debian's clamd where it is installed."""

import hashlib
import io
import os
import shutil
import socketserver
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grants import scanning
from grants.errors import DomainError
from grants.scanning import scan
from tests.antivirus import Stand, antivirus
from tests.databases import skip
from tests.documents import EICAR, PDF


@pytest.fixture
def stand() -> Iterator[str]:
    with antivirus() as at:
        yield at


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real one, with a database of one signature."""
    program = shutil.which("clamd") or "/usr/sbin/clamd"
    if not os.path.exists(program):
        skip("needs clamd: install Debian's package clamav-daemon")
    folder = tmp_path_factory.mktemp("clamd")
    folder.chmod(0o755)
    (folder / "eicar.hdb").write_text(f"{hashlib.md5(EICAR).hexdigest()}:{len(EICAR)}:Eicar-Test-Signature\n")
    (folder / "clamd.conf").write_text(
        f"DatabaseDirectory {folder}\nLocalSocket {folder}/socket\nForeground yes\n"
        "OfficialDatabaseOnly no\n"
        f"TemporaryDirectory {folder}\n"
    )
    process = subprocess.Popen([program, f"--config-file={folder}/clamd.conf"], stdout=subprocess.DEVNULL)
    yield _ready(folder / "socket", process)
    process.terminate()
    process.wait(20)


def _ready(socket: Path, process: subprocess.Popen[bytes]) -> str:
    for _ in range(300):
        if socket.exists():
            return f"unix:{socket}"
        assert process.poll() is None
        time.sleep(0.1)
    raise AssertionError("clamd does not start")


@pytest.mark.parametrize("where", ["stand", "clamd"])
def test_what_is_clean_passes_and_eicar_does_not(request: pytest.FixtureRequest, where: str) -> None:
    at = request.getfixturevalue(where)
    scan(io.BytesIO(PDF), at)
    scan(io.BytesIO(bytes(1_000_000)), at)
    with pytest.raises(DomainError, match="Eicar-Test-Signature"):
        scan(io.BytesIO(EICAR), at)


def test_what_nobody_looked_at_is_not_kept(tmp_path: Path) -> None:
    for at in ("127.0.0.1:9", f"unix:{tmp_path}/none"):
        with pytest.raises(DomainError, match="dans quelques minutes"):
            scan(io.BytesIO(PDF), at)


def test_an_answer_that_says_neither_is_no_leave(stand: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stand, "answer", b"INSTREAM size limit exceeded. ERROR\0")
    with pytest.raises(DomainError, match="dans quelques minutes"):
        scan(io.BytesIO(PDF), stand)


def test_one_that_hangs_is_waited_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "SECONDS", 0.2)
    with (
        socketserver.TCPServer(("127.0.0.1", 0), Stand) as deaf,
        pytest.raises(DomainError, match="dans quelques minutes"),
    ):
        scan(io.BytesIO(PDF), f"127.0.0.1:{deaf.server_address[1]}")
