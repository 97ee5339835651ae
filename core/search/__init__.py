"""Search in Japanese and Latin text by bigrams, for core and plugins."""

from core.search.index import index, index_many, index_new, remove, remove_many
from core.search.matching import FEW, matches, some_found

__all__ = [
    "FEW",
    "index",
    "index_many",
    "index_new",
    "matches",
    "remove",
    "remove_many",
    "some_found",
]
