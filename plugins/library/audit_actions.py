"""What the plugin writes into the audit log."""

from core.api import AuditAction, AuditTarget, _l

FILE = AuditTarget("library.file", _l("File of the library"), "library_admin.edit", "file_id")
AUDIT_ACTIONS = (
    AuditAction("library.file_added", _l("File added to the library"), FILE),
    AuditAction("library.file_saved", _l("File of the library changed")),
    AuditAction("library.file_deleted", _l("File of the library deleted")),
)
