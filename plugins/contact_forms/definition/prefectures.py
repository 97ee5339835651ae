"""The prefectures as visitors choose them."""

from core.api import PREFECTURE_NAMES

# Customers hold the code; a form shows and keeps the Japanese name, which every reader knows.
PREFECTURES: tuple[str, ...] = tuple(japanese for japanese, _english in PREFECTURE_NAMES.values())
PREFECTURE_CODES = {japanese: code for code, (japanese, _english) in PREFECTURE_NAMES.items()}
PREFECTURE_NAME_OF = {code: japanese for japanese, code in PREFECTURE_CODES.items()}
