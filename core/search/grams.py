"""Bigrams of folded text, written as tokens of hexadecimal digits.

Tokens are letters and digits only, so that neither full-text engine splits or changes them. Each
begins with the mark of its kind of thing, so that many things of one kind do not slow down the
search for another. The last sign of each word is a token of its own: every word that holds a sign
has then a token that begins with it, and one sign can be searched as a prefix.
"""

import zlib
from functools import cache, lru_cache
from itertools import pairwise

from core.text import fold

MAX_TEXT = 20_000
MAX_QUERY = 200
MAX_WORDS = 8
_SHORT_WORD = 8
_LAST_OF_FOUR_DIGITS = "\uffff"


@cache
def kind_mark(kind: str) -> str:
    """Return what the tokens of a kind begin with."""
    return f"{zlib.crc32(kind.encode()) & 0xFFFF:04x}"


def gram_tokens(kind: str, folded: str) -> list[str]:
    """Return the tokens of a folded text, each once."""
    found: dict[str, None] = {}
    mark = kind_mark(kind)
    for word in folded.split():
        # Names and towns come again and again, addresses and numbers do not.
        made = _remembered(mark, word) if len(word) <= _SHORT_WORD else _tokens_of(mark, word)
        found.update(dict.fromkeys(made))
    return list(found)


def _tokens_of(mark: str, word: str) -> list[str]:
    if max(word) > _LAST_OF_FOUR_DIGITS:
        signs = [f"{ord(sign):04x}" for sign in word]
        return [*(mark + first + second for first, second in pairwise(signs)), mark + signs[-1]]
    # Four digits a sign, which the encoder writes for all signs at once.
    digits = word.encode("utf-16-be").hex()
    found = [mark + digits[place : place + 8] for place in range(0, len(digits) - 4, 4)]
    return [*found, mark + digits[-4:]]


@lru_cache(4096)
def _remembered(mark: str, word: str) -> list[str]:
    return _tokens_of(mark, word)


def query_words(query: str) -> list[str]:
    """Return the folded words of a query, all of which must be found."""
    return list(dict.fromkeys(fold(query[:MAX_QUERY]).split()))[:MAX_WORDS]


def word_tokens(kind: str, word: str) -> tuple[list[str], str | None]:
    """Return the tokens that a text with `word` in it has, and for one sign the prefix instead."""
    mark = kind_mark(kind)
    signs = [f"{ord(sign):04x}" for sign in word]
    if len(signs) == 1:
        return [], mark + signs[0]
    return list(dict.fromkeys(mark + first + second for first, second in pairwise(signs))), None
