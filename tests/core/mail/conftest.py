import email
import email.policy
import socket
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from core.db import db, transaction
from core.mail.core_templates import TEST
from core.mail.models import OutboxMail
from core.mail.services import queue_mail
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_site_settings

VALUES = {"sent_at": None, "sender": "山田 花子"}


class Postbox:
    """What the test's mail server took, and how it is told to answer."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.rcpt_answer: str | None = None
        self.data_answer = "250 OK"
        self.hang_up_after_data = False
        self.port = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt_answer is not None:
            return self.rcpt_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data_answer.startswith("250"):
            self.messages.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
            self.recipients.extend(envelope.rcpt_tos)
        if self.hang_up_after_data:
            server.transport.close()
        return self.data_answer


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _use_smtp(port: int, **settings: object) -> None:
    """Let the site send by a mail server on this machine."""
    values = {
        "mail_backend": "smtp",
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_security": "none",
        "mail_from": "shop@example.jp",
        "mail_from_name": "北の喫茶室",
        **settings,
    }
    with transaction():
        save_site_settings(values)
    use_current_snapshot()


@pytest.fixture
def postbox(app: Flask) -> Iterator[Postbox]:
    """A real mail server that the site uses."""
    box = Postbox()
    box.port = _free_port()
    controller = Controller(box, hostname="127.0.0.1", port=box.port, enable_SMTPUTF8=False)
    controller.start()
    _use_smtp(box.port)
    yield box
    controller.stop(no_assert=True)


@pytest.fixture
def queue(app: Flask) -> Callable[..., int]:
    """Queue a test mail and return its id."""

    def add(to: str = "hanako@example.jp", **options: object) -> int:
        with transaction():
            return queue_mail(TEST, to, VALUES, **options)

    return add


@pytest.fixture
def outbox_row(app: Flask) -> Callable[[int], OutboxMail]:
    """Read a mail from the outbox as it is now."""

    def read(mail_id: int) -> OutboxMail:
        db.session.rollback()
        row = db.session.get(OutboxMail, mail_id)
        assert row is not None
        return row

    return read


@pytest.fixture
def use_smtp(app: Flask) -> Callable[..., None]:
    """Let the site send by a mail server on a port of this machine."""
    return _use_smtp


@pytest.fixture
def free_port() -> int:
    """A port on which nobody listens."""
    return _free_port()
