"""All admin screens of the plugin: importing this module hangs them on the blueprint."""

from . import views_memberships, views_tiers
from .admin_blueprint import admin
from .points import views_admin as views_points
from .rules import views_access

__all__ = ["admin", "views_access", "views_memberships", "views_points", "views_tiers"]
