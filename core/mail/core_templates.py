"""The mails that core itself sends."""

from core.accounts.mails import journey_mails
from core.accounts.notices import account_mails
from core.i18n import _l
from core.letters.services import LETTER
from core.mail.templates import MailTemplate
from core.privacy.mails import privacy_mails

TEST = "core.test"


def core_mail_templates() -> list[MailTemplate]:
    """Return core's mail templates."""
    return [
        MailTemplate(TEST, _l("Test mail"), "mail/test", fields=("sent_at", "sender")),
        MailTemplate(LETTER, _l("Mail to a customer"), "mail/letter", fields=("subject", "body")),
        *journey_mails(),
        *account_mails(),
        *privacy_mails(),
    ]
