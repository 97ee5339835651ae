"""Why a mail did not arrive, in words: what mail servers and networks say is for experts."""

import re
from typing import Any

from core.i18n import _l

BOUNCED = "bounced: "
# In this order: the first that fits is told.
_REASONS: tuple[tuple[re.Pattern[str], Any], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (r"^bounced: .*\b5\.(?:1\.\d+|2\.1)\b|^bounced: 550", _l("It came back: there is no such mailbox.")),
        (r"^bounced: .*\b5\.2\.2\b", _l("It came back: the mailbox is full.")),
        (r"^bounced: ", _l("It came back: the recipient's mail server did not take it.")),
        (r"cut off while sending", _l("The server stopped while the mail was handed over.")),
        (r"^53[0458]|authenticat", _l("The mail server refused the user name or the password.")),
        (r"ssl|certificate|starttls", _l("The connection to the mail server could not be encrypted.")),
        (r"gaierror|name or service|nodename", _l("The name of the mail server is not known.")),
        (r"timed? ?out", _l("The mail server did not answer in time.")),
        (r"refused: 4\d\d|^4\d\d", _l("The mail server asks to try again later.")),
        (r"^the sender was refused", _l("The mail server does not send for the site's address.")),
        (
            r"^the recipient was refused|^55[0-4]",
            _l("The mail server does not take mail for this recipient."),
        ),
        (r"^the text was refused", _l("The mail server refused the text, perhaps as spam.")),
        (
            r"connection ?refused|unreachable|disconnected|oserror",
            _l("The mail server could not be reached."),
        ),
        (r"^a file of the mail was deleted", _l("A file that goes with the mail was deleted before.")),
        (r"mail folder|mail file", _l("The folder for mails cannot be written to.")),
    )
)


def reason_in_words(error: str | None) -> str:
    """Return what an error of the outbox means, or the error itself where nobody knows better."""
    if not error:
        return ""
    return next((str(words) for pattern, words in _REASONS if pattern.search(error)), error)
