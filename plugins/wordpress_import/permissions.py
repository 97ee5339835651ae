"""The right that the screens ask for."""

from core.api import Permission, _l

RUN = "wordpress_import.run"

PERMISSIONS = (
    Permission(
        RUN,
        _l("Move in from WordPress"),
        _l("Upload export files and take their content over. Only owners may name a database."),
    ),
)
