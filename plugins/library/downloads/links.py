"""Short links to bytes: made for one account and one file, good for minutes, nothing without the gate."""

import secrets

from werkzeug.exceptions import Forbidden

from core.api import SignedInAccount, _, sign, unsign

from ..models import LibraryFile

LINK_SECONDS = 300
_PURPOSE = "library.file"
_MAX_TOKEN = 1_000


def make_link(file: LibraryFile, account: SignedInAccount | None) -> str:
    """Return the token of a new link."""
    return sign(_PURPOSE, [file.id, _number(account), secrets.token_hex(16)])


def read_link(file: LibraryFile, account: SignedInAccount | None, token: str) -> str:
    """Return what tells this link from others; raise Forbidden when it is over or somebody else's."""
    told = unsign(_PURPOSE, token[:_MAX_TOKEN], max_age=LINK_SECONDS)
    if not isinstance(told, list) or len(told) != 3 or told[:2] != [file.id, _number(account)]:
        raise Forbidden(_("This link is over. Open the file from its page again."))
    return str(told[2])


def _number(account: SignedInAccount | None) -> int:
    return account.id if account is not None else 0
