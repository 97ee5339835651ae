"""What months are called."""

from core.api import current_language

_ENGLISH = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def month_name(month: int) -> str:
    """Return `3月` or `March` for a month from 1 to 12."""
    return f"{month}月" if current_language() == "ja" else _ENGLISH[month - 1]
