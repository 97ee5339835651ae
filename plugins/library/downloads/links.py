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
    return link_for(file, _number(account))


def link_for(file: LibraryFile, number: int, *, seconds_ago: int = 0) -> str:
    """Return the token of a link for the account with this number, 0 for guests, as of some seconds ago."""
    return sign(_PURPOSE, [file.id, number, secrets.token_hex(16)], seconds_ago=seconds_ago)


def read_link(file: LibraryFile, account: SignedInAccount | None, token: str) -> str:
    """Return what tells this link from others; raise Forbidden when it is over or somebody else's."""
    told = unsign(_PURPOSE, token[:_MAX_TOKEN], max_age=LINK_SECONDS)
    if not isinstance(told, list) or len(told) != 3 or told[:2] != [file.id, _number(account)]:
        raise Forbidden(_("This link is over. Open the file from its page again."))
    return str(told[2])


def _number(account: SignedInAccount | None) -> int:
    return account.id if account is not None else 0
