"""The screens on which a person shows once more that it is them, with whatever the account has."""

from dataclasses import replace
from typing import Any

from flask import flash, jsonify, make_response, redirect, request, url_for
from werkzeug.exceptions import Forbidden, NotFound, Unauthorized
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from core.accounts import again_codes, log_in_again
from core.accounts.factors import passkeys
from core.accounts.factors.challenges import Purpose
from core.accounts.factors.views_log_in import throttle_options
from core.accounts.log_in_again import Means, Shown, Typed
from core.accounts.log_in_delays import TooManyTries
from core.accounts.steps import step_page
from core.accounts.throttle import AskedTooOften
from core.accounts.views_sessions import blueprint
from core.admin.forms import BaseForm
from core.admin.rendering import render_admin
from core.db import transaction
from core.i18n import _, _l
from core.security.access import public
from core.security.passwords import MAX_LENGTH
from core.security.redirects import safe_target
from core.security.sessions import SignedInAccount, current_account
from core.theming.forms import FieldView, FormView, form_view
from core.theming.rendering import render_site_fragment
from core.theming.view_objects import view_object


class AgainForm(BaseForm):
    """What may be typed; an account is asked for what it has."""

    password = PasswordField(
        _l("Password"),
        [InputRequired(), Length(max=MAX_LENGTH * 4)],
        render_kw={"autocomplete": "current-password"},
    )
    mailed = StringField(
        _l("Code from the mail"),
        [InputRequired(), Length(max=20)],
        description=_l("Six digits. It works for 10 minutes, once."),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
    code = StringField(
        _l("Code from the app"),
        [InputRequired(), Length(max=60)],
        description=_l("Six digits; a recovery code works, too."),
        render_kw={"autocomplete": "one-time-code"},
    )


@view_object
class AgainView:
    """What the page offers; `form` is what is typed, `key_field` the password that goes with a touch."""

    form: FormView | None
    has_passkey: bool
    passkey_url: str
    options_url: str
    key_field: FieldView | None
    mail_url: str
    mail_again: bool
    is_second_best: bool


@blueprint.get("/login/again", endpoint="log_in_again")
@public
def log_in_again_form() -> Any:
    """Ask who is logged in to show once more that it is them."""
    account = current_account()
    if account is None:
        return redirect(url_for("accounts.login", next=safe_target(request.args.get("next"), "") or None))
    return _page(account)


@blueprint.post("/login/again")
@public
def log_in_again_post() -> Any:
    """Make the log-in recent by what was typed, and go back to the page that asked for it."""
    account = current_account()
    if account is None:
        return redirect(url_for("accounts.login"))
    form = _form_for(log_in_again.means_of(account), request.form)
    if form is None:
        return _page(account)
    if not form.validate():
        return _page(account, form, 422)
    typed = Typed(**{field.name: field.data or "" for field in form})
    try:
        is_right = log_in_again.confirm_typed(account, typed)
    except TooManyTries as refusal:
        return _wait(account, form, refusal)
    if not is_right:
        form.add_errors(_wrong(form))
        return _page(account, form, 422)
    return redirect(safe_target(request.args.get("next"), "/"))


@blueprint.post("/login/again/passkey/options")
@public
def again_passkey_options() -> Any:
    """Return what a passkey of the account has to sign in this session."""
    account = current_account()
    if account is None:
        raise Unauthorized
    throttle_options()
    with transaction():
        return jsonify(passkeys.asking_options(Purpose.AGAIN, account.id))


@blueprint.post("/login/again/passkey")
@public
def again_by_passkey() -> Any:
    """Make the log-in recent by what a passkey signed."""
    account = current_account()
    if account is None:
        return redirect(url_for("accounts.login"))
    answer, password = request.form.get("credential", ""), request.form.get("password", "")
    try:
        shown = log_in_again.confirm_by_passkey(account, answer, password[: MAX_LENGTH * 4])
    except TooManyTries as refusal:
        return _wait(account, None, refusal)
    if shown is Shown.YES:
        return redirect(safe_target(request.args.get("next"), "/"))
    if shown is Shown.NO:
        return _page(account, None, 422, _("The passkey was not accepted. Please try again."))
    error = _("This password is not right.") if password else ""
    note = _("Your passkey asked for no finger, face or PIN. Enter your password, then use it once more.")
    return _page(account, None, 422, error or note, key_needs_password=True)


@blueprint.post("/login/again/code")
@public
def again_mail() -> Any:
    """Mail a code to who has no password."""
    account = current_account()
    if account is None:
        return redirect(url_for("accounts.login"))
    if not log_in_again.means_of(account).mail:
        raise NotFound
    try:
        again_codes.mail_code(account)
    except AskedTooOften as refusal:
        return _page(account, None, 429, str(refusal))
    flash(_("The code is on its way to %(email)s.", email=account.email), "success")
    return redirect(_url("log_in_again"))


def _form_for(means: Means, formdata: Any = None) -> AgainForm | None:
    """Return what the account may type; None while no code was mailed to who has no password."""
    mailed = means.mail and again_codes.is_waiting()
    if not means.password and not mailed:
        return None
    form = AgainForm(formdata)
    wanted = {"password": means.password, "mailed": mailed, "code": means.second}
    for name in [name for name, is_wanted in wanted.items() if not is_wanted]:
        del form[name]
    if means.second and not means.app:
        form.code.label.text, form.code.description = _("Recovery code"), _("Each code works once.")
    return form


def _wrong(form: AgainForm) -> dict[str, object]:
    names = [field.name for field in form]
    if len(names) > 1:
        # Which of the two was wrong is not said: each would be guessed by itself.
        return {names[0]: _("One of the two is not right, or the code was used already.")}
    if "password" in form:
        return {"password": _("This is not your password.")}
    return {"mailed": _("This code does not fit, or it is over. After five tries you need a new one.")}


def _wait(account: SignedInAccount, form: AgainForm | None, refusal: TooManyTries) -> Response:
    answer = _page(account, form, 429, str(refusal))
    answer.headers["Retry-After"] = str(refusal.seconds)
    return answer


def _url(name: str) -> str:
    """Return the address of a screen of these that still knows the way back."""
    kept: dict[str, Any] = {
        "next": safe_target(request.args.get("next"), "/"),
        "sent": request.args.get("sent") or None,
    }
    return url_for(f"sessions.{name}", **kept)


def _page(
    account: SignedInAccount,
    form: AgainForm | None = None,
    status: int = 200,
    error: str = "",
    *,
    key_needs_password: bool = False,
) -> Response:
    if account.viewed_by is not None:
        raise Forbidden(_("You see the site as a member does. This page is the member's alone."))
    means = log_in_again.means_of(account)
    form = form or _form_for(means)
    typed = form_view(form, action=_url("log_in_again_post"), submit=_("Go on")) if form else None
    key_field = next(iter(form_view(AgainForm()).fields)) if key_needs_password else None
    view = AgainView(
        form=typed,
        has_passkey=means.passkey,
        passkey_url=_url("again_by_passkey"),
        options_url=url_for("sessions.again_passkey_options"),
        key_field=replace(key_field, id="key-password") if key_field else None,
        mail_url=_url("again_mail") if means.mail else "",
        mail_again=typed is not None,
        is_second_best=means.passkey and not means.app,
    )
    title, lead = _("Is it you?"), _lead(account, means)
    note = ""
    if request.args.get("sent"):
        note = _(
            "What you just sent was not carried out yet. You come back to the page and can send it again."
        )
    if account.is_staff:
        words = {"page_title": title, "page_lead": lead, "note": note, "error": error}
        page = render_admin("admin/log_in_again.html", again=view, wtform=form, **words)
        answer = make_response(page, status)
        answer.headers["Cache-Control"] = "private, no-store"
        return answer
    extra = render_site_fragment("site/_log_in_again.html", again=view)
    return step_page(title, lead, extra=extra, note=note, status=status, error=error)


def _lead(account: SignedInAccount, means: Means) -> str:
    if means.password and not means.second:
        return _(
            "This is well protected. Please enter the password of %(email)s once more.", email=account.email
        )
    if means.mail and not means.passkey:
        return _(
            "This is well protected. Show with a mailed code that you are %(email)s.", email=account.email
        )
    return _("This is well protected. Please show once more that you are %(email)s.", email=account.email)
