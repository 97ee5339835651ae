"""All pages of members: importing this module hangs them on the blueprint."""

from . import views_site
from .paying import views_site as views_paying
from .points import views_site as views_points
from .seats import views_site as views_seats
from .site_blueprint import site

__all__ = ["site", "views_paying", "views_points", "views_seats", "views_site"]
