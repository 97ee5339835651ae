"""The admin's screens of customers: one blueprint, its views in the modules imported here."""

from core.customers import (
    views_companies,
    views_customers,
    views_fields,
    views_labels,
    views_merge,
    views_points,
    views_timeline,
    views_touch_kinds,
)
from core.customers.blueprint import blueprint
from core.next_actions import views as views_next_actions

__all__ = [
    "blueprint",
    "views_companies",
    "views_customers",
    "views_fields",
    "views_labels",
    "views_merge",
    "views_next_actions",
    "views_points",
    "views_timeline",
    "views_touch_kinds",
]
