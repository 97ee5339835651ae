"""The outbox as a list in the admin."""

from flask import url_for
from sqlalchemy import ColumnElement, or_

from core.admin.listing import BulkAction, EmptyState, Listing, ListView
from core.conditions.fields import Field, FieldType
from core.i18n import _l, ngettext
from core.mail.models import MailState, OutboxMail
from core.mail.services import retry_mails, set_aside_mails
from core.mail.words import LANGUAGES_SAID, STATE_TONES, STATES, template_titles

SEE = "mail.see"


def mail_fields() -> list[Field]:
    """Return what the list shows of a mail."""
    return [
        Field("subject", _l("Subject"), FieldType.TEXT, lambda: OutboxMail.subject, sortable=False),
        Field("to_address", _l("Recipient"), FieldType.EMAIL, lambda: OutboxMail.to_address, sortable=False),
        Field("state", _l("State"), FieldType.CHOICE, lambda: OutboxMail.state, choices=STATES),
        Field("template", _l("Kind"), FieldType.CHOICE, lambda: OutboxMail.template, choices=template_titles),
        Field(
            "language",
            _l("Language"),
            FieldType.CHOICE,
            lambda: OutboxMail.language,
            choices=LANGUAGES_SAID,
        ),
        Field("attempts", _l("Attempts"), FieldType.INTEGER, lambda: OutboxMail.attempts),
        Field("created_at", _l("Created at"), FieldType.DATETIME, lambda: OutboxMail.created_at),
        Field("sent_at", _l("Sent at"), FieldType.DATETIME, lambda: OutboxMail.sent_at),
        Field("last_error", _l("Last error"), FieldType.TEXT, lambda: OutboxMail.last_error, sortable=False),
    ]


def _search(text: str) -> ColumnElement[bool]:
    return or_(
        OutboxMail.to_address.contains(text, autoescape=True),
        OutboxMail.subject.contains(text, autoescape=True),
    )


def _not_delivered() -> ColumnElement[bool]:
    stuck = OutboxMail.state.in_((MailState.DEAD, MailState.UNKNOWN))
    return stuck & OutboxMail.handled_at.is_(None)


def _retried(count: int) -> str:
    return ngettext("%(num)s mail is sent again.", "%(num)s mails are sent again.", count)


def _confirm_retry(count: int) -> str:
    return ngettext(
        "%(num)s mail will be sent again. If its outcome is unclear, it may arrive twice.",
        "%(num)s mails will be sent again. Those whose outcome is unclear may arrive twice.",
        count,
    )


def _set_aside(count: int) -> str:
    return ngettext("%(num)s mail was set aside.", "%(num)s mails were set aside.", count)


OUTBOX = Listing(
    name="outbox",
    title=_l("Outgoing mail"),
    key=OutboxMail.id,
    fields=mail_fields,
    columns=["state", "template", "created_at"],
    primary="subject",
    secondary="to_address",
    row_url=lambda mail_id: url_for("mail_admin.mail", mail_id=mail_id),
    search=_search,
    search_hint=_l("Address or subject"),
    permission=SEE,
    tones={"state": STATE_TONES},
    views=[
        ListView("all", _l("All"), counted=False),
        ListView("stuck", _l("Not delivered"), _not_delivered),
        ListView(
            "waiting",
            _l("Under way"),
            lambda: OutboxMail.state.in_((MailState.QUEUED, MailState.SENDING, MailState.FAILED)),
        ),
        ListView("sent", _l("Sent"), lambda: OutboxMail.state == MailState.SENT, counted=False),
    ],
    actions=[
        BulkAction(
            "retry", _l("Send again"), retry_mails, confirm=_confirm_retry, icon="send", done=_retried
        ),
        BulkAction("set_aside", _l("Set aside"), set_aside_mails, icon="archive", done=_set_aside),
    ],
    empty=EmptyState(
        _l("No mail yet"),
        _l("Every mail that Kaiin sends is kept here with what became of it."),
        icon="mail",
    ),
)
