"""Handing the outbox to a mail server (RFC 5321), each mail once as far as anybody can.

What was accepted is remembered until the database says so too. Only a death between the two, or a
server that accepts and then loses its voice, sends a mail a second time: with the same Message-ID.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from threading import Event
from typing import TypeVar

from grants.config import MailServer
from grants.database import begin_write, db
from grants.domain.mail import outbox
from grants.domain.mail.outbox import Letter
from grants.models import now

# Per answer of the server; all answers to one mail stay within `outbox.CLAIM_LIFE`.
TIMEOUT = 60.0
T = TypeVar("T")
log = logging.getLogger(__name__)


class NoServer(Exception):
    """The mail server cannot be reached, or takes nobody's mail at present."""


class Sender:
    """One worker's way to one mail server."""

    def __init__(self, server: MailServer, stop: Event | None = None, timeout: float = TIMEOUT) -> None:
        self.server, self.stop, self.timeout = server, stop or Event(), timeout
        self.accepted: set[int] = set()  # by the server, and not yet in the database

    def send_due(self) -> bool:
        """Send all that is due, over one connection; `False` when the server is in trouble."""
        self._settle()
        due = outbox.anything_due()
        db.session.rollback()
        if not due:
            return True
        try:
            with self._connected() as smtp:
                while smtp.sock and not self.stop.is_set():
                    letter = _write(outbox.claim)
                    if letter is None:
                        break
                    self._deliver(smtp, letter)
        except NoServer as trouble:
            reason = str(trouble)
            log.warning("mail server %s: %s", self.server.host, reason)
            _write(lambda: outbox.tell_trouble(reason))
            return False
        return True

    def _settle(self) -> None:
        for mail_id in list(self.accepted):
            _write(lambda mail_id=mail_id: outbox.sent(mail_id))  # type: ignore[misc]
            self.accepted.discard(mail_id)

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        try:
            smtp = self._open()
        except (OSError, smtplib.SMTPException) as error:
            raise NoServer(_answer_of(error)) from None
        try:
            yield smtp
        finally:
            try:
                smtp.quit()
            except (OSError, smtplib.SMTPException):
                smtp.close()  # all that was accepted is settled: nothing hangs on a farewell

    def _open(self) -> smtplib.SMTP:
        to, kind = self.server, smtplib.SMTP_SSL if self.server.tls == "tls" else smtplib.SMTP
        # Named by ourselves, since asking DNS for our own name can hang.
        smtp = kind(to.host, to.port, to.sender.rpartition("@")[2], timeout=self.timeout)
        try:
            if to.tls == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            if to.user:
                smtp.login(to.user, to.password)
            smtp.ehlo_or_helo_if_needed()
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _deliver(self, smtp: smtplib.SMTP, letter: Letter) -> None:
        sender = self.server.sender
        try:
            smtp.send_message(message(letter, sender), sender, [letter.to])
        except smtplib.SMTPRecipientsRefused as refused:
            code, words = refused.recipients[letter.to]
            after = outbox.give_up if 500 <= code < 600 else outbox.put_off
            _write(lambda: after(letter.id, f"{code} {_text(words)}"))
        except smtplib.SMTPSenderRefused as error:
            _write(lambda: outbox.release(letter.id))
            raise NoServer(_answer_of(error)) from None
        except (OSError, smtplib.SMTPException) as error:
            reason = _answer_of(error)
            _write(lambda: outbox.put_off(letter.id, reason))
        except (ValueError, MessageError, IndexError) as error:
            reason = f"Adresse impossible : {error}"
            _write(lambda: outbox.give_up(letter.id, reason))
        else:
            self.accepted.add(letter.id)
            self._settle()


def message(letter: Letter, sender: str) -> EmailMessage:
    """The mail as it is sent; raises `ValueError` for what cannot be an address or a header."""
    made = EmailMessage()
    made["Subject"] = letter.subject
    made["From"] = Address(
        f"{_text(letter.whose) or 'Politique de la ville'} – demandes de subvention", addr_spec=sender
    )
    made["To"] = Address(addr_spec=letter.to)
    made["Date"] = format_datetime(now())
    domain = sender.rpartition("@")[2]
    made["Message-ID"] = f"<{letter.created_at:%Y%m%d%H%M%S%f}.{letter.id}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(letter.text, cte="quoted-printable")
    made.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return made


def _answer_of(error: Exception) -> str:
    """What the server answered, or what became of the connection."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return str(error) or type(error).__name__


def _text(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return "".join(c if c.isprintable() else " " for c in text)


def _write(change: Callable[[], T]) -> T:
    """One short transaction; none is open while the mail server is waited for."""
    begin_write()
    result = change()
    db.session.commit()
    return result
