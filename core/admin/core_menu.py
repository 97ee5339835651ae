"""The lines of core's own admin screens in the navigation."""

from core.admin.registrations import MenuItem


def menu_items() -> list[MenuItem]:
    """Return them; areas such as customers and content bring their own."""
    return []
