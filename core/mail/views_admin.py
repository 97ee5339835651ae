"""The admin's screens of outgoing mail."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.admin.listing import render_listing
from core.admin.permissions import JOBS, SETTINGS
from core.admin.rendering import render_admin, render_admin_fragment
from core.db import transaction, utcnow
from core.errors import Conflict, NotFound, ValidationFailed
from core.formats import format_datetime
from core.i18n import _, current_language
from core.mail.core_templates import TEST
from core.mail.forms import TestMailForm
from core.mail.lists import OUTBOX, SEE
from core.mail.models import MailState, OutboxMail
from core.mail.queries import find_mail, readable_text
from core.mail.reasons import reason_in_words
from core.mail.services import STUCK, queue_mail, retry_mail, set_aside
from core.mail.trouble import find_trouble, last_success
from core.mail.words import STATE_TONES, state_title, template_title
from core.plugin_host.snapshot import current_snapshot
from core.security.access import permission_required
from core.security.sessions import current_account

blueprint = Blueprint("mail_admin", __name__)


@blueprint.route("/", methods=["GET", "POST"])
@permission_required(SEE)
def outbox() -> Response:
    """List the mails that the site sends."""
    return render_listing(
        OUTBOX,
        lead=_("Every mail that Kaiin sends, and what became of it."),
        new_title=_("Send a test mail"),
        new_url=url_for("mail_admin.test"),
    )


@blueprint.get("/trouble")
@permission_required(SEE)
def trouble() -> str:
    """Say whether mail gets through, and what to do when it does not."""
    account = current_account()
    found = find_trouble()
    return render_admin(
        "admin/mail/trouble.html",
        trouble=found,
        reason=reason_in_words(found.error) if found else "",
        last_success=last_success(),
        may_change=account is not None and account.can(SETTINGS),
        may_see_jobs=account is not None and account.can(JOBS),
        writes_files=current_snapshot().site.mail_backend != "smtp",
    )


@blueprint.get("/<int:mail_id>")
@permission_required(SEE)
def mail(mail_id: int) -> str:
    """Show one mail; the page asks for its state again while it is under way."""
    row = find_mail(mail_id)
    if row is None:
        raise NotFound(_("This mail no longer exists."))
    context = _context(row)
    if request.headers.get("HX-Request"):
        return render_admin_fragment("admin/mail/_state.html", **context)
    return render_admin("admin/mail/mail.html", **context)


def _context(row: OutboxMail) -> dict[str, Any]:
    return {
        "mail": row,
        "text": readable_text(row),
        "state": state_title(row.state),
        "tone": STATE_TONES[MailState(row.state)],
        "is_open": row.state in (MailState.QUEUED, MailState.SENDING),
        "is_stuck": row.state in STUCK,
        "facts": _facts(row),
        "writes_files": current_snapshot().site.mail_backend != "smtp",
    }


def _facts(row: OutboxMail) -> list[tuple[str, Any]]:
    waits = row.state in (MailState.QUEUED, MailState.FAILED)
    facts = [
        (_("Recipient"), row.to_address),
        (_("Kind"), template_title(row.template)),
        (_("Created at"), format_datetime(row.created_at)),
        (_("Sent at"), format_datetime(row.sent_at)),
        (_("Attempts"), row.attempts),
        (_("Next attempt"), format_datetime(row.next_attempt_at) if waits else ""),
        (_("Reason"), reason_in_words(row.last_error)),
        (_("Last error"), row.last_error),
        (_("Reply to"), row.headers.get("Reply-To")),
    ]
    return [fact for fact in facts if fact[1]]


@blueprint.post("/<int:mail_id>/retry")
@permission_required(SEE)
def retry(mail_id: int) -> Response:
    """Send a mail again."""
    try:
        with transaction():
            retry_mail(mail_id)
    except Conflict as conflict:
        flash(str(conflict), "error")
    else:
        flash(_("The mail is sent again."), "success")
    return redirect(url_for("mail_admin.mail", mail_id=mail_id))


@blueprint.post("/<int:mail_id>/set-aside")
@permission_required(SEE)
def put_aside(mail_id: int) -> Response:
    """Take a mail out of the notices."""
    try:
        with transaction():
            set_aside(mail_id)
    except Conflict as conflict:
        flash(str(conflict), "error")
    else:
        flash(_("The mail was set aside."), "success")
    return redirect(url_for("mail_admin.mail", mail_id=mail_id))


@blueprint.route("/test", methods=["GET", "POST"])
@permission_required(SEE)
def test() -> Any:
    """Send a mail to see whether mail works."""
    account = current_account()
    assert account is not None
    form = TestMailForm(request.form if request.method == "POST" else None, data={"to": account.email})
    if request.method == "POST" and form.validate():
        mail_id = _queue_test(form, account.display_name or account.email)
        if mail_id is not None:
            flash(_("The test mail is on its way."), "success")
            return redirect(url_for("mail_admin.mail", mail_id=mail_id))
    writes_files = current_snapshot().site.mail_backend != "smtp"
    page = render_admin("admin/mail/test.html", form=form, writes_files=writes_files)
    return (page, 422) if request.method == "POST" else page


def _queue_test(form: TestMailForm, sender: str) -> int | None:
    try:
        with transaction():
            values = {"sent_at": utcnow(), "sender": sender}
            return queue_mail(TEST, form.to.data, values, language=current_language())
    except ValidationFailed as refusal:
        form.to.errors = [str(message) for message in refusal.errors.values()]
        return None
