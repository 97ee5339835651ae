"""The mails about memberships."""

from collections.abc import Sequence

from core.api import MailTemplate, _l

from .reminders import MAIL


def mail_templates() -> Sequence[MailTemplate]:
    """Return the templates."""
    return [
        MailTemplate(
            MAIL,
            _l("Reminder: a membership ends soon"),
            "member_tiers/mail/term_ends",
            ("name", "tier", "day", "path"),
        ),
    ]
