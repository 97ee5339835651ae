"""All admin screens of the plugin: importing this module hangs them on the blueprint."""

from . import views_memberships, views_tiers
from .admin_blueprint import admin
from .points import views_admin as views_points
from .rules import views_access, views_rules, views_trace

__all__ = [
    "admin",
    "views_access",
    "views_memberships",
    "views_points",
    "views_rules",
    "views_tiers",
    "views_trace",
]
