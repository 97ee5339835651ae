"""Screens of one's own log-ins: my devices, and what is said when one more is not possible now."""

from contextlib import suppress
from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, request, url_for

from core.accounts.log_in import after_first_step, start
from core.accounts.log_in_delays import TooManyTries
from core.accounts.log_in_limit import MustChooseLogIn, TooManyLogIns, read_choice
from core.accounts.log_ins import end_log_in, end_other_log_ins
from core.accounts.registration.ways import by_mail_ways, by_mail_words
from core.accounts.session_queries import list_log_ins
from core.accounts.steps import step_page
from core.db import transaction
from core.errors import NotFound
from core.errors_http import answer as error_answer
from core.i18n import _, ngettext
from core.plugin_host.snapshot import current_snapshot
from core.security.access import member_required, public
from core.security.gate import wants_json
from core.security.redirects import safe_target
from core.security.sessions import SignedInAccount, current_account
from core.theming.rendering import render_site
from core.theming.views import LinkView

blueprint = Blueprint("sessions", __name__)


@blueprint.app_errorhandler(TooManyTries)
def wait_page(refusal: TooManyTries) -> Any:
    """Say how long to wait, and how to get in at once: by mail, which proves who it is."""
    if wants_json():
        answer = error_answer(429, str(refusal))
    else:
        target = safe_target(request.values.get("next"), "")
        answer = step_page(
            _("Please wait a little"),
            str(refusal),
            points_title=_("You need not wait when you get in by mail"),
            points=by_mail_words(),
            note=_("Perhaps it was somebody else. Where you logged in before, others do not slow you down."),
            links=(
                *by_mail_ways(target),
                LinkView(title=_("Back to the log-in"), url=url_for("accounts.login")),
            ),
            status=429,
        )
    answer.headers["Retry-After"] = str(refusal.seconds)
    return answer


@blueprint.app_errorhandler(TooManyLogIns)
def full_page(refusal: TooManyLogIns) -> Any:
    """Say that the account is logged in on too many devices, and how to make room."""
    if wants_json():
        return error_answer(403, str(refusal))
    minutes = current_snapshot().site.session_idle_minutes
    return step_page(
        _("Logged in on other devices"),
        str(refusal),
        points_title=_("How to make room"),
        points=(
            ngettext(
                "Wait: after %(num)s minute without use, a device is logged out, unless it stays logged in.",
                "Wait: after %(num)s minutes without use, a device is logged out, unless it stays logged in.",
                minutes,
            ),
            _("When you choose a new password, all devices are logged out."),
        ),
        links=(
            LinkView(title=_("Choose a new password"), url=url_for("member.forgotten")),
            LinkView(title=_("Back to the log-in"), url=url_for("accounts.login")),
        ),
        status=403,
    )


@blueprint.app_errorhandler(MustChooseLogIn)
def choose_page(question: MustChooseLogIn) -> Any:
    """Ask which device is logged out, wherever the log-in was finished."""
    target = safe_target(request.values.get("next"), "")
    page = render_site("site/choose_log_in.html", log_ins=question.log_ins, token=question.token, next=target)
    answer = make_response(page, 409)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post("/login/choose")
@public
def choose() -> Any:
    """Log the chosen device out and finish the log-in, or ask again about the devices that are left."""
    token = request.form.get("token", "")
    with transaction():
        finished = read_choice(token)
        if finished is not None:
            # It may have ended meanwhile: then there may be room already.
            with suppress(NotFound):
                end_log_in(finished.account.id, request.form.get("key", ""), by=finished.account.id)
    # By itself: if there is no room even now, what was chosen stays logged out, and the rest is asked about.
    with transaction():
        finished = read_choice(token)
        if finished is not None:
            start(finished.account, methods=finished.methods, remember=finished.remember)
    if finished is None:
        flash(_("That took too long. Please log in again."), "error")
        return redirect(url_for("accounts.login"))
    return after_first_step(True, request.form.get("next"))


@blueprint.get("/account/devices")
@member_required
def devices() -> Any:
    """Show where I am logged in."""
    account = _signed_in()
    return render_site("site/devices.html", log_ins=list_log_ins(account.id, account.session_id))


@blueprint.post("/account/devices/end")
@member_required
def end() -> Any:
    """Log one of my devices out; this one, too."""
    account = _signed_in()
    key = request.form.get("key", "")
    is_here = any(view.is_here and view.key == key for view in list_log_ins(account.id, account.session_id))
    with transaction():
        end_log_in(account.id, key, by=account.id)
    if is_here:
        g.session_ended = g.device_ended = True
        flash(_("You are logged out."), "success")
        return redirect("/")
    flash(_("This device is logged out."), "success")
    return redirect(url_for("sessions.devices"))


@blueprint.post("/account/devices/end-others")
@member_required
def end_others() -> Any:
    """Log all my devices out but this one."""
    account = _signed_in()
    with transaction():
        end_other_log_ins(account.id, keep_session_id=account.session_id, by=account.id)
    flash(_("All other devices are logged out."), "success")
    return redirect(url_for("sessions.devices"))


def _signed_in() -> SignedInAccount:
    account = current_account()
    assert account is not None
    return account
