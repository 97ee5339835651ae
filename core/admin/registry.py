"""What the application registers of the admin."""

from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """Return the admin's blueprints with all their views; mount them at `/admin`."""
    from core.admin import views  # noqa: F401 - importing a view module adds its views
    from core.admin.blueprint import blueprint

    return [blueprint]
