"""Imports every module that adds views to the admin's blueprint."""

from core.admin import (
    views_audit,
    views_home,
    views_log_ins,
    views_me,
    views_plugins,
    views_search,
    views_session_settings,
    views_settings,
    views_staff,
    views_teams,
    views_themes,
    views_view_as,
)

__all__ = [
    "views_audit",
    "views_home",
    "views_log_ins",
    "views_me",
    "views_plugins",
    "views_search",
    "views_session_settings",
    "views_settings",
    "views_staff",
    "views_teams",
    "views_themes",
    "views_view_as",
]
