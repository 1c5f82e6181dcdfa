"""`grants worker`: sends the outbox, queues reminders and forgets what is old until told to end.
Without a mail server it does the rest.

Several may run, on several machines: each mail is taken by one of them.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from threading import Event

from grants.config import Settings
from grants.database import begin_write, db
from grants.domain import limits
from grants.domain.documents import document
from grants.domain.dossier import reminders
from grants.domain.ledger import security
from grants.domain.mail import outbox
from grants.mailing import Sender
from grants.storage import Storage

POLL_SECONDS = 5.0
TROUBLE_SECONDS = 60.0
HOURLY_SECONDS = 3600.0
END_SECONDS = 10.0
log = logging.getLogger(__name__)


def run(settings: Settings, stop: Event, parent: int | None = None) -> None:
    """Work until `stop` is set, or until `parent`, the process that started this one, ends."""
    server = settings.mail_server
    send: Callable[[], bool] = Sender(server, stop).send_due if server else lambda: True
    due, pause = time.monotonic(), 0.0
    while not stop.wait(pause):
        if parent is not None and os.getppid() != parent:
            return
        if time.monotonic() >= due:
            done = _safely(lambda: _hourly(settings))
            due = time.monotonic() + (HOURLY_SECONDS if done else TROUBLE_SECONDS)
        pause = POLL_SECONDS if _safely(send) else TROUBLE_SECONDS


def _hourly(settings: Settings) -> bool:
    begin_write()
    reminders.queue_due()
    db.session.commit()  # whatever becomes of the rest
    begin_write()
    limits.forget_old()
    security.forget_old()
    outbox.forget(settings.mail_days)
    keys = document.forget_removed()
    db.session.commit()
    Storage(settings.uploads.storage_url).remove_all(keys)
    return True


def _safely(work: Callable[[], bool]) -> bool:
    """A database that does not answer, or a mistake of ours: told, and tried again later."""
    try:
        return work()
    except Exception:
        log.exception("the mail worker goes on after this")
        return False
    finally:
        db.session.remove()


def until_signalled() -> Event:
    """Set by the signals that end a process: the mail at hand is finished first."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def start() -> subprocess.Popen[bytes]:
    """A worker in a process of its own, which ends with this one."""
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "grants", "worker", "--parent", str(os.getpid())]
    )


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
