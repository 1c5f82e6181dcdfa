"""A stand-in for clamd, which knows one signature."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.documents import EICAR


class Stand(socketserver.BaseRequestHandler):
    """Reads a stream as clamd does; answers that EICAR is one."""

    answer = b""

    def handle(self) -> None:
        lines = self.request.makefile("rb")
        assert lines.read(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(lines.read(4), "big"):
            content += lines.read(size)
        found = b"Eicar-Test-Signature FOUND" if EICAR in content else b"OK"
        self.request.sendall(self.answer or b"stream: " + found + b"\0")


@contextmanager
def antivirus() -> Iterator[str]:
    """Where it listens, as GRANTS_CLAMD says it."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Stand) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
