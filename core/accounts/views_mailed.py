"""Screens reached from the log-in page: forgotten password, and log-in by a mailed code or link."""

from typing import Any

from flask import Response, current_app, flash, redirect, request, url_for

from core.accounts import mailed_log_in, recovery
from core.accounts.journey import blueprint, enter, home_link, link_is_over
from core.accounts.member_forms import AddressForm, CodeForm, NewPasswordForm
from core.accounts.registration.services import LinkIsOver
from core.accounts.steps import button_only, step_page
from core.accounts.throttle import AskedTooOften
from core.errors import NotFound, ValidationFailed
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.access import public
from core.security.redirects import safe_target
from core.theming.forms import form_view
from core.theming.views import LinkView

CODE_SECONDS = 600


def _log_in_link() -> LinkView:
    return LinkView(title=_("Back to the log-in"), url=url_for("accounts.login"))


@blueprint.route("/forgotten", methods=["GET", "POST"])
@public
def forgotten() -> Any:
    """Ask for an address and mail a link; the answer is the same for every address."""
    form = AddressForm(request.form)
    if request.method == "GET":
        return _forgotten_page(AddressForm())
    if not form.validate():
        return _forgotten_page(form, status=422)
    try:
        recovery.ask_for_reset(form.email.data or "")
    except ValidationFailed as refusal:
        form.add_errors(refusal.errors)
        return _forgotten_page(form, status=422)
    except AskedTooOften as refusal:
        return _forgotten_page(form, status=429, error=str(refusal))
    return step_page(
        _("Please look into your mailbox"),
        _("We sent a mail to %(email)s. Open the link in it to go on.", email=form.email.data or ""),
        note=_("The link works for 30 minutes. If nothing arrives, look into the folder for unwanted mail."),
        links=(_log_in_link(),),
        is_done=True,
    )


def _forgotten_page(form: AddressForm, **more: Any) -> Any:
    return step_page(
        _("Forgot your password?"),
        _("Enter the address with which you log in. We send you a link to choose a new password."),
        form=form_view(form, action=url_for("member.forgotten"), submit=_("Send the link")),
        links=(_log_in_link(),),
        **more,
    )


@blueprint.route("/forgotten/<token>", methods=["GET", "POST"])
@public
def new_password(token: str) -> Any:
    """Choose a new password; only sending it uses the link up."""
    form = NewPasswordForm(request.form)
    try:
        recovery.find_reset(token)
        if request.method == "GET":
            return _new_password_page(NewPasswordForm())
        if not form.validate():
            return _new_password_page(form, 422)
        recovery.reset_password(token, form.password.data or "")
    except LinkIsOver:
        return link_is_over()
    except ValidationFailed as refusal:
        form.add_errors(refusal.errors)
        return _new_password_page(form, 422)
    flash(_("The new password is set, and every device was logged out. Please log in."), "success")
    return redirect(url_for("accounts.login"))


def _new_password_page(form: NewPasswordForm, status: int = 200) -> Any:
    return step_page(
        _("Choose a new password"),
        _("All devices that are logged in now will be logged out."),
        form=form_view(form, action=request.path, submit=_("Set the password")),
        status=status,
    )


@blueprint.route("/login/code", methods=["GET", "POST"])
@public
def code() -> Any:
    """Ask for an address and mail a code; the answer is the same for every address."""
    _require_codes()
    form = AddressForm(request.form)
    if request.method == "GET":
        return _code_page(AddressForm())
    if not form.validate():
        return _code_page(form, status=422)
    try:
        asked = mailed_log_in.ask_for_code(form.email.data or "")
    except ValidationFailed as refusal:
        form.add_errors(refusal.errors)
        return _code_page(form, status=422)
    except AskedTooOften as refusal:
        return _code_page(form, status=429, error=str(refusal))
    target = safe_target(request.args.get("next"), "")
    answer: Any = redirect(url_for("member.enter_code", next=target or None))
    return _keep(answer, asked)


def _require_codes() -> None:
    if not current_snapshot().site.log_in_by_code:
        raise NotFound(_("Log-in by mail is switched off."))


def _code_page(form: AddressForm, **more: Any) -> Any:
    target = safe_target(request.args.get("next"), "")
    return step_page(
        _("Log in with a mailed code"),
        _("We send you six digits. You need no password."),
        form=form_view(form, action=url_for("member.code", next=target or None), submit=_("Send the code")),
        links=(LinkView(title=_("Log in with your password"), url=url_for("accounts.login")),),
        **more,
    )


@blueprint.route("/login/code/enter", methods=["GET", "POST"])
@public
def enter_code() -> Any:
    """Ask for the code, in the browser that asked for the mail."""
    _require_codes()
    asked = request.cookies.get(_cookie())
    if not asked:
        return redirect(url_for("member.code"))
    form = CodeForm(request.form)
    if request.method == "GET":
        return _enter_code_page(CodeForm())
    if not form.validate():
        return _enter_code_page(form, 422)
    account_id = mailed_log_in.use_code(asked, form.code.data or "")
    if account_id is None:
        message = _("This code does not fit, or it is over. After five tries you need a new one.")
        form.add_errors({"code": message})
        return _enter_code_page(form, 422)
    return _drop(enter(account_id, "code", request.args.get("next")))


def _enter_code_page(form: CodeForm, status: int = 200) -> Any:
    target = safe_target(request.args.get("next"), "")
    return step_page(
        _("Enter the code"),
        _("It is in the mail that we sent you just now, and works for 10 minutes."),
        form=form_view(form, action=url_for("member.enter_code", next=target or None), submit=_("Log in")),
        note=_("If nothing arrives, look into the folder for unwanted mail."),
        links=(LinkView(title=_("Send another code"), url=url_for("member.code")), _log_in_link()),
        status=status,
    )


@blueprint.route("/login/link/<token>", methods=["GET", "POST"])
@public
def link(token: str) -> Any:
    """Show a button; only the button logs in, and only in the browser that asked."""
    _require_codes()
    asked = request.cookies.get(_cookie())
    state = mailed_log_in.look_at_link(token, asked)
    if not state.is_good:
        return link_is_over()
    if not state.is_this_browser:
        return step_page(
            _("Type the code in the other browser"),
            _("This link was asked for in another browser. Type the six digits from the mail there."),
            note=_("So nobody can log in with a mail that you did not ask for yourself."),
            links=(home_link(),),
            status=200 if request.method == "GET" else 403,
        )
    if request.method == "GET":
        return step_page(
            _("Log in"),
            _("With the button you log in on this device."),
            form=button_only(request.path, _("Log in")),
        )
    try:
        return _drop(enter(mailed_log_in.use_link(token, asked), "link"))
    except LinkIsOver:
        return link_is_over()


def _cookie() -> str:
    name: str = current_app.extensions["kaiin"].cookie_name
    return f"{name}_code"


def _keep(answer: Response, asked: str) -> Response:
    secure = current_app.extensions["kaiin"].configuration.is_https
    options = {"httponly": True, "secure": secure, "samesite": "Lax", "path": "/"}
    answer.set_cookie(_cookie(), asked, max_age=CODE_SECONDS, **options)
    return answer


def _drop(answer: Response) -> Response:
    secure = current_app.extensions["kaiin"].configuration.is_https
    answer.delete_cookie(_cookie(), path="/", secure=secure, httponly=True, samesite="Lax")
    return answer
