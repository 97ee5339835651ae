"""Imports every module that adds views to the admin's blueprint."""

from core.admin import views_home

__all__ = ["views_home"]
