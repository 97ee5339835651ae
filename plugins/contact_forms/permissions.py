"""The rights that the plugin's screens ask for."""

from core.api import Permission, _l

INBOX_SEE = "contact_forms.inbox.see"
INBOX_EDIT = "contact_forms.inbox.edit"
INBOX_REPLY = "contact_forms.inbox.reply"
INBOX_EXPORT = "contact_forms.inbox.export"
INBOX_DELETE = "contact_forms.inbox.delete"
INBOX_PERSONAL = "contact_forms.inbox.personal"
INBOX_REVEAL = "contact_forms.inbox.reveal"
FORMS_EDIT = "contact_forms.forms.edit"

PERMISSIONS = (
    Permission(INBOX_SEE, _l("See messages"), _l("Read what visitors sent with forms.")),
    Permission(
        INBOX_EDIT,
        _l("Work on messages"),
        _l("Mark as read or spam, move to the trash and restore, hand out, note and label."),
    ),
    Permission(
        INBOX_REPLY, _l("Reply to messages"), _l("Write mails to senders, and keep what they answered.")
    ),
    Permission(INBOX_EXPORT, _l("Export messages"), _l("Take messages and consents of forms out as a file.")),
    Permission(INBOX_DELETE, _l("Delete messages"), _l("Delete what lies in the trash for ever.")),
    Permission(
        INBOX_PERSONAL,
        _l("See senders in full"),
        _l("Without it names, addresses and telephone numbers in messages are masked."),
    ),
    Permission(
        INBOX_REVEAL,
        _l("Reveal a masked sender"),
        _l("Message by message, and each time noted in the audit log."),
    ),
    Permission(FORMS_EDIT, _l("Build forms"), _l("Create, change, archive and delete forms.")),
)

# What can be given per form; the first is the door to the others.
FORM_RIGHTS = (
    INBOX_SEE,
    INBOX_EDIT,
    INBOX_REPLY,
    INBOX_EXPORT,
    INBOX_DELETE,
    INBOX_PERSONAL,
    INBOX_REVEAL,
)
