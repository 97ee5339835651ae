"""Bigrams of folded text, written as tokens of hexadecimal digits.

Tokens are letters and digits only, so that neither full-text engine splits or changes them. The
last sign of each word is a token of its own: every word that holds a sign has then a token that
begins with it, and one sign can be searched as a prefix.
"""

from itertools import pairwise

from core.text import fold

MAX_TEXT = 20_000
MAX_QUERY = 200
MAX_WORDS = 8


def gram_tokens(folded: str) -> list[str]:
    """Return the tokens of a folded text, each once."""
    found: dict[str, None] = {}
    for word in folded.split():
        signs = [f"{ord(sign):04x}" for sign in word]
        for first, second in pairwise(signs):
            found[first + second] = None
        found[signs[-1]] = None
    return list(found)


def query_words(query: str) -> list[str]:
    """Return the folded words of a query, all of which must be found."""
    return list(dict.fromkeys(fold(query[:MAX_QUERY]).split()))[:MAX_WORDS]


def word_tokens(word: str) -> tuple[list[str], str | None]:
    """Return the tokens that a text with `word` in it has, and for one sign the prefix instead."""
    if len(word) == 1:
        return [], f"{ord(word):04x}"
    signs = [f"{ord(sign):04x}" for sign in word]
    return list(dict.fromkeys(a + b for a, b in pairwise(signs))), None
