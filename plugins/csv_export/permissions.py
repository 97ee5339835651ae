"""The right that the screen asks for; each export asks for its own, too."""

from core.api import Permission, _l

USE = "csv_export.use"

PERMISSIONS = (
    Permission(
        USE,
        _l("Download tables as CSV"),
        _l("Each table also asks for its own right, e.g. to export customers."),
    ),
)
