"""The rights that the plugin's screens ask for."""

from core.api import Permission, _l

INBOX_SEE = "contact_forms.inbox.see"
INBOX_EDIT = "contact_forms.inbox.edit"
INBOX_REPLY = "contact_forms.inbox.reply"
FORMS_EDIT = "contact_forms.forms.edit"

PERMISSIONS = (
    Permission(INBOX_SEE, _l("See messages"), _l("Read what visitors sent with forms.")),
    Permission(
        INBOX_EDIT, _l("Sort messages"), _l("Mark as read or spam, move to the trash, restore and delete.")
    ),
    Permission(
        INBOX_REPLY, _l("Reply to messages"), _l("Write mails to senders, and keep what they answered.")
    ),
    Permission(FORMS_EDIT, _l("Build forms"), _l("Create, change, archive and delete forms.")),
)
