"""What a scanner says of a file."""

import enum
from dataclasses import dataclass

MAX_WORDS = 200


class Finding(enum.StrEnum):
    """The three things that a scanner may say."""

    CLEAN = "clean"
    INFECTED = "infected"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A scanner's word; `words` are shown to staff."""

    finding: Finding
    words: str = ""


CLEAN = Verdict(Finding.CLEAN)


def infected(words: str) -> Verdict:
    """Return the verdict on a file that nobody may have: the name of what was found in it."""
    return Verdict(Finding.INFECTED, words[:MAX_WORDS])


def ask_again_later(words: str = "") -> Verdict:
    """Return the verdict of a scanner that cannot say now; the file is kept back until it can."""
    return Verdict(Finding.LATER, words[:MAX_WORDS])
