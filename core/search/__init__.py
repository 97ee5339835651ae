"""Search in Japanese and Latin text by bigrams, for core and plugins."""

from core.search.index import index, index_many, index_new, remove, remove_many
from core.search.matching import matches

__all__ = ["index", "index_many", "index_new", "matches", "remove", "remove_many"]
