"""All admin screens of the plugin: importing this module hangs them on the blueprint."""

from .admin_blueprint import admin
from .memberships import views_memberships, views_tiers
from .paying import views_admin as views_paying
from .points import views_admin as views_points
from .points import views_frozen, views_import, views_unused
from .points import views_rules as views_point_rules
from .ranks import views_admin as views_ranks
from .ranks import views_locks as views_rank_locks
from .ranks import views_rules as views_rank_rules
from .ranks import views_runs as views_rank_runs
from .reports import views_admin as views_reports
from .rules import views_access, views_rules, views_trace

__all__ = [
    "admin",
    "views_access",
    "views_frozen",
    "views_import",
    "views_memberships",
    "views_paying",
    "views_point_rules",
    "views_points",
    "views_rank_locks",
    "views_rank_rules",
    "views_rank_runs",
    "views_ranks",
    "views_reports",
    "views_rules",
    "views_tiers",
    "views_trace",
    "views_unused",
]
