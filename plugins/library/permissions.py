"""The rights that the screens ask for."""

from core.api import Permission, _l

EDIT = "library.edit"
DOWNLOADS = "library.downloads"
EXPORT = "library.export"

PERMISSIONS = (
    Permission(
        EDIT, _l("Manage the file library"), _l("Upload files, decide who may have them, delete them.")
    ),
    Permission(DOWNLOADS, _l("See who downloaded"), _l("Read the log of downloads of all files.")),
    Permission(EXPORT, _l("Take the log of downloads out"), _l("Download it as a file.")),
)
