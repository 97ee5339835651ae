"""The mails of the privacy desk."""

from core.i18n import _l
from core.mail.templates import MailTemplate
from core.privacy.package.codes import MAILED as CODE
from core.privacy.package.services import MAILED as PACKAGE


def privacy_mails() -> list[MailTemplate]:
    """Return them; both open something."""
    return [
        MailTemplate(
            PACKAGE,
            _l("Link to a package of data"),
            "mail/privacy_package",
            fields=("path", "until"),
            holds_secret=True,
        ),
        MailTemplate(
            CODE,
            _l("Code to fetch a package of data"),
            "mail/privacy_code",
            fields=("code",),
            holds_secret=True,
        ),
    ]
