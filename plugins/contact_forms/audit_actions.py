"""What the plugin writes into the audit log."""

from core.api import AuditAction, AuditTarget, _l

MESSAGE = AuditTarget(
    "contact_forms.submission", _l("Message"), "contact_forms_admin.message", "submission_id"
)
FORM = AuditTarget("contact_forms.form", _l("Form"), "contact_forms_admin.edit", "form_id")
AUDIT_ACTIONS = (
    AuditAction("contact_forms.form.created", _l("Form made"), FORM),
    AuditAction("contact_forms.form.saved", _l("Form changed")),
    AuditAction("contact_forms.form.handling", _l("Handling of a form's messages changed")),
    AuditAction("contact_forms.form.state", _l("Form opened or closed")),
    AuditAction("contact_forms.form.rights", _l("Rights of a form changed"), FORM),
    AuditAction("contact_forms.form.deleted", _l("Form deleted with its messages")),
    AuditAction("contact_forms.file.blocked", _l("File blocked by a virus scanner")),
    AuditAction("contact_forms.files.expired", _l("Files deleted whose time was over")),
    AuditAction("contact_forms.consents.withdrawn", _l("Consents noted as taken back")),
    AuditAction("contact_forms.submission.revealed", _l("Masked sender of a message revealed"), MESSAGE),
    AuditAction("contact_forms.mailbox.saved", _l("Mailbox for answers changed")),
    AuditAction("contact_forms.hold.set", _l("Message held"), MESSAGE),
    AuditAction("contact_forms.hold.released", _l("Hold of a message released"), MESSAGE),
    AuditAction("contact_forms.retention.saved", _l("Times of retention changed")),
    AuditAction("contact_forms.submissions.exported", _l("Messages exported")),
    AuditAction("contact_forms.submissions.deleted", _l("Messages deleted for good")),
    AuditAction("contact_forms.submissions.pruned", _l("Messages deleted whose time was over")),
)
