"""The mails of the member's journey."""

from core.i18n import _l
from core.mail.templates import MailTemplate


def journey_mails() -> list[MailTemplate]:
    """Return them; those with a link or code that opens something are marked as secret."""
    return [
        MailTemplate(
            "core.confirm_registration",
            _l("Registration: confirm the address"),
            "mail/confirm_registration",
            fields=("path",),
            holds_secret=True,
        ),
        MailTemplate(
            "core.already_registered",
            _l("Registration: there is an account already"),
            "mail/already_registered",
        ),
        MailTemplate(
            "core.invitation",
            _l("Invitation to become a member"),
            "mail/invitation",
            fields=("path", "name"),
            holds_secret=True,
        ),
        MailTemplate(
            "core.reset_password",
            _l("Forgotten password"),
            "mail/reset_password",
            fields=("path",),
            holds_secret=True,
        ),
        MailTemplate(
            "core.staff_invitation",
            _l("Invitation of staff"),
            "mail/staff_invitation",
            fields=("path", "inviter", "name"),
            holds_secret=True,
        ),
        MailTemplate("core.no_account", _l("No account for this address"), "mail/no_account"),
        MailTemplate(
            "core.log_in_code",
            _l("Code to log in"),
            "mail/log_in_code",
            fields=("path", "code"),
            holds_secret=True,
        ),
        MailTemplate(
            "core.again_code",
            _l("Code to confirm that it is you"),
            "mail/again_code",
            fields=("code",),
            holds_secret=True,
        ),
        MailTemplate(
            "core.confirm_email",
            _l("New address: confirm it"),
            "mail/confirm_email",
            fields=("path",),
            holds_secret=True,
        ),
        MailTemplate("core.email_taken", _l("New address: it is in use"), "mail/email_taken"),
        MailTemplate(
            "core.registration_waiting", _l("Registration: waits for approval"), "mail/registration_waiting"
        ),
        MailTemplate(
            "core.registration_to_approve",
            _l("Registration: notice to the staff"),
            "mail/registration_to_approve",
            fields=("name", "email"),
        ),
        MailTemplate(
            "core.registration_approved", _l("Registration: approved"), "mail/registration_approved"
        ),
        MailTemplate("core.registration_refused", _l("Registration: refused"), "mail/registration_refused"),
        MailTemplate("core.withdrawn", _l("Withdrawal"), "mail/withdrawn", fields=("until",)),
        MailTemplate("core.withdrawal_finished", _l("Withdrawal: finished"), "mail/withdrawal_finished"),
    ]
