"""The mails that core itself sends."""

from core.i18n import _l
from core.mail.templates import MailTemplate

TEST = "core.test"


def core_mail_templates() -> list[MailTemplate]:
    """Return core's mail templates."""
    return [MailTemplate(TEST, _l("Test mail"), "mail/test", fields=("sent_at", "sender"))]
