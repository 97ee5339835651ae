"""How much one request may bring to a form: its files, and room to be told that they are too much."""

from core.api import NotFound

from ..definition.definitions import find_definition, get_definition
from ..definition.file_types import MB

_BESIDE = 2 * MB


def body_limit(slug: str) -> int:
    """Return how many bytes a form's answers and files may have together; 0 where they have no say.

    Twice what its questions allow: a file that is a little too large is named on the page, with all
    that was typed kept, where far more is cut off.
    """
    try:
        is_number = slug.isascii() and slug.isdigit() and len(slug) < 10
        definition = get_definition(int(slug)) if is_number else find_definition(slug)
    except NotFound:
        return 0
    if definition is None or not definition.file_fields:
        return 0
    return 2 * sum(field.file_total for field in definition.file_fields) + _BESIDE
