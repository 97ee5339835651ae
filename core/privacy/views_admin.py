"""The admin's screens of the privacy desk: one blueprint, its views in the modules imported here."""

from core.privacy import views_packages, views_requests
from core.privacy.blueprint import blueprint
from core.privacy.erasing import views as views_erasing
from core.privacy.retention import views as views_retention

__all__ = ["blueprint", "views_erasing", "views_packages", "views_requests", "views_retention"]
