"""What makes a mail an answer in the eyes of mail programs: References, In-Reply-To, Message-ID."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# In the row's headers, never in the mail: that a person wrote it.
BY_HAND = "X-By-Hand"
# The first tells where the thread began, the last ones what was said lately.
MAX_REFERENCES = 20
# Longer ones would be broken over lines, which mail programs do not put together again.
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{3,70}>", re.ASCII)


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a mail belongs. `references` are Message-IDs, the oldest first.

    `by_hand` says that a person wrote the mail.
    """

    references: tuple[str, ...] = ()
    by_hand: bool = False

    def headers(self) -> dict[str, str]:
        """Return the headers, as the outbox keeps them."""
        found = {BY_HAND: "1"} if self.by_hand else {}
        known = [one for one in dict.fromkeys(self.references) if _MESSAGE_ID.fullmatch(one)]
        if known:
            shortened = known if len(known) <= MAX_REFERENCES else [known[0], *known[1 - MAX_REFERENCES :]]
            found["In-Reply-To"] = known[-1]
            found["References"] = " ".join(shortened)
        return found


def is_by_hand(headers: Mapping[str, str]) -> bool:
    """Tell whether a mail of the outbox was written by a person."""
    return BY_HAND in headers
