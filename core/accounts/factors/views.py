"""Imports every module that adds views about factors to the blueprints of accounts and the admin."""

from core.accounts.factors import views_log_in, views_own, views_staff
from core.accounts.views_site import blueprint

__all__ = ["blueprint", "views_log_in", "views_own", "views_staff"]
