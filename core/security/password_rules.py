"""Which new passwords are refused: too short or long, commonly used, or made of words from here.

There are no rules about kinds of signs (NIST SP 800-63B, ASVS 5.0 V6.2): what counts is how many
guesses somebody needs who knows what people choose, and who knows this site and this person.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from core.i18n import _

MIN_LENGTH = 8
MAX_LENGTH = 128
# The estimator's time grows with the square of the length and more.
ESTIMATED_LENGTH = 72
# Nobody guesses a text of this length unless it is a known one.
LONG_ENOUGH = 15
_WEAKEST_SCORE = 2
_OF_EVERY_SITE = ("kaiin", "会員", "メンバー", "member", "password", "パスワード", "login", "ログイン")
_NO_LETTERS = re.compile(r"[\W\d_]+")
_SHORTEST_WORD = 2


def problem_with(password: str, words: Iterable[str]) -> str | None:
    """Return why a new password is refused, for the person who chose it, or None.

    `words` are the site's and the person's own: names, the parts of the e-mail address.
    """
    if len(password) < MIN_LENGTH:
        return _("Use at least %(n)s characters.", n=MIN_LENGTH)
    if len(password) > MAX_LENGTH:
        return _("Use at most %(n)s characters.", n=MAX_LENGTH)
    folded = _fold(password)
    if folded in _common() or len(set(folded)) == 1:
        return _("Many people use this password. Choose another one.")
    known = _words(words)
    if _is_made_of(_NO_LETTERS.sub("", folded), known):
        return _("This password is made of words that everybody here knows. Choose another one.")
    if len(password) < LONG_ENOUGH and _score(password, known) < _WEAKEST_SCORE:
        return _("This password is easy to guess. A few words in a row are strong and easy to remember.")
    return None


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _words(given: Iterable[str]) -> frozenset[str]:
    pieces = (piece for text in (*_OF_EVERY_SITE, *given) for piece in (text, *re.split(r"[\W\d_]+", text)))
    folded = (_NO_LETTERS.sub("", _fold(piece)) for piece in pieces)
    return frozenset(word for word in folded if len(word) >= _SHORTEST_WORD)


def _is_made_of(letters: str, words: frozenset[str]) -> bool:
    """Tell whether the letters are nothing but words of the set in a row."""
    reached = {0}
    for start in range(len(letters)):
        if start in reached:
            reached.update(start + len(word) for word in words if letters.startswith(word, start))
    return bool(letters) and len(letters) in reached


def _score(password: str, words: frozenset[str]) -> int:
    # Imported where a password is chosen: the lists take memory that serving pages does not need.
    from zxcvbn import zxcvbn

    return int(zxcvbn(password[:ESTIMATED_LENGTH], user_inputs=sorted(words))["score"])


@cache
def _common() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= MIN_LENGTH)
