"""The folded form of text, in which the admin searches and compares names."""

import re
import unicodedata

_UNCLEAN = re.compile("[\x00\ud800-\udfff]")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
_KATAKANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
_ITERATION_MARKS = {ord("ヽ"): "ゝ", ord("ヾ"): "ゞ"}
_FOLDING: dict[int, str | int | None] = {**_DASHES, **_KATAKANA, **_ITERATION_MARKS}


def fold(text: str) -> str:
    """Return the form in which texts are searched: widths, cases and both kana are one.

    Each run of white space becomes one space. Unclean signs are dropped.
    """
    clean = _UNCLEAN.sub("", text)
    if clean.isascii():
        return " ".join(clean.lower().split())
    folded = unicodedata.normalize("NFKC", clean).casefold().translate(_FOLDING)
    return " ".join(unicodedata.normalize("NFKC", folded).split())
