"""The admin's screens of imports: one blueprint, its views in the modules imported here."""

from core.imports import views_steps, views_work
from core.imports.blueprint import blueprint

__all__ = ["blueprint", "views_steps", "views_work"]
