"""What the application registers of the admin."""

from flask import Blueprint, Flask

from core.admin.formats import install_filters


def blueprints() -> list[Blueprint]:
    """Return the admin's blueprints with all their views; mount them at `/admin`."""
    from core.admin import views  # noqa: F401 - importing a view module adds its views
    from core.admin.blueprint import blueprint

    return [blueprint]


def init_admin(app: Flask) -> None:
    """Install what admin templates use beside their context."""
    install_filters(app)
