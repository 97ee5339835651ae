"""Speaks to the mailbox (IMAP), and says in words what is wrong with it."""

import datetime as dt
import imaplib
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.api import _

if TYPE_CHECKING:
    from imap_tools import BaseMailBox

TIMEOUT_SECONDS = 20
# Larger mails are read as far as this, which is where their words are.
MAX_BYTES = 2_000_000
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxTrouble(Exception):
    """The mailbox cannot be read; the text says why, for the owner."""


@dataclass(frozen=True, slots=True)
class BoxConfig:
    """How the mailbox is reached, and what becomes of mail that was taken."""

    host: str
    port: int
    security: str
    user: str
    password: str
    folder: str = "INBOX"
    move_to: str = ""


@contextmanager
def open_box(config: BoxConfig) -> Iterator["Box"]:
    """Connect, log in and open the folder; raise MailboxTrouble with words for what fails."""
    try:
        client = _connect(config)
    except ssl.SSLCertVerificationError as error:
        raise MailboxTrouble(_("The certificate of the server is not valid for this name.")) from error
    except ssl.SSLError as error:
        raise MailboxTrouble(_("The connection could not be encrypted. Is it the right port?")) from error
    except socket.gaierror as error:
        raise MailboxTrouble(_("There is no server of this name.")) from error
    except TimeoutError as error:
        raise MailboxTrouble(_("The server did not answer in time. Is it the right port?")) from error
    except (OSError, EOFError, UnicodeError) as error:
        raise MailboxTrouble(_("The server could not be reached at this port.")) from error
    except imaplib.IMAP4.error as error:
        raise MailboxTrouble(_("This is no IMAP server, or it offers no encryption here.")) from error
    try:
        _log_in(client, config)
        yield Box(client, config)
    except (OSError, EOFError, imaplib.IMAP4.abort) as error:
        raise MailboxTrouble(_("The connection broke. It is tried again.")) from error
    finally:
        _leave(client)


def _connect(config: BoxConfig) -> "BaseMailBox":
    # Costs memory that sites without a mailbox do not need.
    from imap_tools import MailBox, MailBoxUnencrypted

    context = ssl.create_default_context()
    if config.security == "ssl":
        return MailBox(config.host, config.port, timeout=TIMEOUT_SECONDS, ssl_context=context)
    client = MailBoxUnencrypted(config.host, config.port, timeout=TIMEOUT_SECONDS)
    if config.security == "starttls":
        try:
            client.client.starttls(context)
        except BaseException:
            client.client.shutdown()
            raise
    return client


def _log_in(client: "BaseMailBox", config: BoxConfig) -> None:
    from imap_tools.errors import ImapToolsError, MailboxLoginError

    try:
        client.login(config.user, config.password, initial_folder=None)
    except (MailboxLoginError, imaplib.IMAP4.error, UnicodeError) as error:
        if isinstance(error, imaplib.IMAP4.abort):
            raise
        raise MailboxTrouble(_("The server refused the user name or the password.")) from error
    for folder in filter(None, (config.move_to, config.folder)):
        try:
            # The one that is opened last stays open.
            client.folder.set(folder)
        except (ImapToolsError, imaplib.IMAP4.error) as error:
            if isinstance(error, imaplib.IMAP4.abort):
                raise
            raise MailboxTrouble(_missing(client, folder)) from error


def _missing(client: "BaseMailBox", folder: str) -> str:
    try:
        names = [info.name for info in client.folder.list()][:20]
    except Exception:
        # The list is a help only.
        names = []
    if not names:
        return _("There is no folder “%(folder)s”.", folder=folder)
    return _("There is no folder “%(folder)s”. There are: %(names)s", folder=folder, names=", ".join(names))


def _leave(client: "BaseMailBox") -> None:
    try:
        client.client.logout()
    except (OSError, EOFError, imaplib.IMAP4.error):
        client.client.shutdown()


class Box:
    """The open folder."""

    def __init__(self, client: "BaseMailBox", config: BoxConfig) -> None:
        self._client = client
        self._config = config

    @property
    def uid_validity(self) -> str:
        """Return what changes when the folder's numbers begin anew."""
        return self._told("UIDVALIDITY")

    def newest_uid(self) -> int:
        """Return the number of the newest mail, 0 when there is none."""
        following = self._told("UIDNEXT")
        if following.isdecimal():
            return int(following) - 1
        return max(self._search("ALL"), default=0)

    def uids_after(self, uid: int) -> list[int]:
        """Return the numbers of later mails, the oldest first."""
        # The server answers the newest one, too, when there is no later one.
        return [one for one in self._search(f"UID {uid + 1}:*") if one > uid]

    def uids_since(self, day: dt.date) -> list[int]:
        """Return the numbers of mails that arrived on a day or later."""
        months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
        return self._search(f"SINCE {day.day}-{months[day.month - 1]}-{day.year}")

    def fetch(self, uid: int) -> tuple[bytes, bool]:
        """Return a mail without marking it, and whether it was cut; empty when it is gone."""
        is_large = self._size(uid) > MAX_BYTES
        part = f"(BODY.PEEK[]<0.{MAX_BYTES}>)" if is_large else "(BODY.PEEK[])"
        for item in self._uid("FETCH", str(uid), part):
            if isinstance(item, tuple) and len(item) > 1:
                return bytes(item[1])[:MAX_BYTES], is_large
        return b"", False

    def file(self, uids: Sequence[int]) -> None:
        """Mark mails as read, and move them where the owner wants taken mails."""
        if not uids:
            return
        self._uid("STORE", ",".join(map(str, uids)), "+FLAGS.SILENT", r"(\Seen)")
        if self._config.move_to:
            self._client.move([str(uid) for uid in uids], self._config.move_to)

    def _size(self, uid: int) -> int:
        for item in self._uid("FETCH", str(uid), "(RFC822.SIZE)"):
            found = _SIZE.search(item if isinstance(item, bytes) else item[0] if item else b"")
            if found:
                return int(found[1])
        return 0

    def _search(self, criteria: str) -> list[int]:
        data = self._uid("SEARCH", criteria)
        words = b" ".join(item for item in data if isinstance(item, bytes)).split()
        return sorted(int(word) for word in words if word.isdigit())

    def _uid(self, command: str, *arguments: str) -> list[Any]:
        status, data = self._client.client.uid(command, *arguments)
        if status != "OK":
            raise MailboxTrouble(_("The server refused a command (%(command)s).", command=command))
        return list(data)

    def _told(self, name: str) -> str:
        _name, data = self._client.client.response(name)
        last = data[-1] if data else None
        return last.decode("ascii", "replace") if isinstance(last, bytes) else ""
