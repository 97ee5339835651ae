"""Where mails go: a folder of files, or a mail server.

Delivery has two steps. Everything before `hand_over` can be cut off without harm; only there
can a mail be lost sight of.
"""

import os
import smtplib
import ssl
from pathlib import Path
from typing import Protocol

from core.mail.messages import Envelope
from core.settings.models import SiteSettings

TIMEOUT_SECONDS = 20.0
MAX_REASON = 400


class MailRefused(Exception):
    """The mail was certainly not taken; `for_good` says that trying again is useless."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.reason = " ".join(reason.split())[:MAX_REASON]
        self.for_good = for_good


class OutcomeUnknown(Exception):
    """The connection broke after the text was handed over and before the answer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason[:MAX_REASON]


class Backend(Protocol):
    """One delivery of one mail."""

    def prepare(self, envelope: Envelope) -> None:
        """Get ready to hand over; raise MailRefused."""

    def hand_over(self, envelope: Envelope) -> None:
        """Hand the text over; raise MailRefused or OutcomeUnknown."""

    def close(self) -> None:
        """Let go of the connection."""


class FileBackend:
    """Writes each mail to a file that only the site's user can read, for set-up and tests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self, envelope: Envelope) -> None:
        """Make the folder."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise MailRefused(f"the mail folder cannot be made: {error.strerror}") from error

    def hand_over(self, envelope: Envelope) -> None:
        """Write the file under its final name in one step."""
        draft = self._folder / f".{envelope.file_name}"
        try:
            handle = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "wb") as out:
                out.write(envelope.as_bytes())
            draft.replace(self._folder / envelope.file_name)
        except OSError as error:
            raise MailRefused(f"the mail file cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Do nothing: no connection is open."""


class SmtpBackend:
    """Speaks to the owner's mail server, with verified TLS unless the owner chose none."""

    def __init__(self, site: SiteSettings, password: str | None, timeout: float = TIMEOUT_SECONDS) -> None:
        self._site = site
        self._password = password
        self._timeout = timeout
        self._server: smtplib.SMTP | None = None

    def prepare(self, envelope: Envelope) -> None:
        """Connect, log in and name both addresses."""
        try:
            self._server = self._connect()
            options = self._options(envelope)
            _require_ok(self._server.mail(envelope.sender, options), "the sender")
            _require_ok(self._server.rcpt(envelope.recipient), "the recipient")
        except smtplib.SMTPResponseException as error:
            raise MailRefused(f"{error.smtp_code} {_text(error.smtp_error)}") from error
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise MailRefused(f"{type(error).__name__}: {error}") from error

    def _connect(self) -> smtplib.SMTP:
        site = self._site
        context = ssl.create_default_context()
        if site.smtp_security == "ssl":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                site.smtp_host, site.smtp_port, timeout=self._timeout, context=context
            )
        else:
            server = smtplib.SMTP(site.smtp_host, site.smtp_port, timeout=self._timeout)
        self._server = server
        if site.smtp_security == "starttls":
            server.starttls(context=context)
        if site.smtp_user:
            server.login(site.smtp_user, self._password or "")
        server.ehlo_or_helo_if_needed()
        return server

    def _options(self, envelope: Envelope) -> list[str]:
        assert self._server is not None
        if not envelope.needs_utf8:
            return []
        if not self._server.has_extn("smtputf8"):
            raise MailRefused("the mail server cannot take this address (no SMTPUTF8)", for_good=True)
        return ["SMTPUTF8", "BODY=8BITMIME"]

    def hand_over(self, envelope: Envelope) -> None:
        """Send the text and wait for the server's word."""
        assert self._server is not None
        try:
            answer = self._server.data(envelope.as_bytes())
        except smtplib.SMTPDataError as error:
            answer = error.smtp_code, error.smtp_error  # type: ignore[assignment]
        except (smtplib.SMTPException, OSError) as error:
            raise OutcomeUnknown(f"{type(error).__name__}: {error}") from error
        _require_ok(answer, "the text")

    def close(self) -> None:
        """Leave politely; the outcome no longer depends on it."""
        if self._server is None:
            return
        try:
            self._server.quit()
        except (smtplib.SMTPException, OSError):
            self._server.close()


def _require_ok(answer: tuple[int, bytes], what: str) -> None:
    code, text = answer
    if code // 100 != 2:
        raise MailRefused(f"{what} was refused: {code} {_text(text)}", for_good=code // 100 == 5)


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
