"""A real mail server on loopback (aiosmtpd) that misbehaves as it is told."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from grants.config import MailServer


class Post:
    """`rcpt` and `data`: what to answer first, in turn, before answering well; `HANG` and `DIE`
    are answers too. `box`: what was accepted."""

    HANG, DIE = "hang", "die"

    def __init__(self) -> None:
        self.rcpt: list[str] = []
        self.data: list[str] = []
        self.box: list[EmailMessage] = []
        self.port = 0

    @property
    def server(self) -> MailServer:
        return MailServer("127.0.0.1", self.port, "none", "", "", "grants@ville.example")

    @property
    def ids(self) -> list[str]:
        return [str(m["Message-ID"]) for m in self.box]

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd asks for
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        answer = await self._answer(self.rcpt, server)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await self._answer(self.data, server)
        if answer.startswith("250"):
            self.box.append(message_from_bytes(envelope.content, policy=policy.default))
        return answer

    async def _answer(self, answers: list[str], server: SMTP) -> str:
        answer = answers.pop(0) if answers else "250 OK"
        if answer == self.HANG:
            await asyncio.sleep(2.5)
            return "451 too late"
        if answer == self.DIE:
            server.transport.abort()
            return "451 dying"
        return answer


class _Controller(Controller):
    def factory(self) -> SMTP:
        return SMTP(self.handler, hostname="post.example", enable_SMTPUTF8=False)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def post_office() -> Iterator[Post]:
    post = Post()
    post.port = free_port()
    controller = _Controller(post, hostname="127.0.0.1", port=post.port)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()
