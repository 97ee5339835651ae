"""One's own second factors: the same views for members, in the theme, and for staff, in the admin."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, request
from werkzeug.wrappers import Response

from core.accounts.factors import passkeys, services, totp
from core.accounts.factors.forms import AppCodeForm, PasskeyNameForm
from core.accounts.factors.looks import AdminLook, Look, SiteLook
from core.accounts.factors.view_objects import codes_view, security_view
from core.accounts.queries import get_account
from core.accounts.views_site import blueprint as site_blueprint
from core.admin.blueprint import blueprint as admin_blueprint
from core.db import transaction
from core.errors import Conflict, ValidationFailed
from core.i18n import _
from core.security.access import member_required, permission_required
from core.security.required_factor import opens_without_factor
from core.security.sessions import SignedInAccount, current_account
from core.security.step_up import recent_log_in
from core.theming.forms import form_view


def overview(look: Look) -> Response:
    """Show what protects the account."""
    return look.draw(
        "security",
        _("Log-in security"),
        _("A second factor keeps others out, even if they know your password."),
        security=security_view(_me(), look),
        name_form=form_view(PasskeyNameForm()),
    )


def app_new(look: Look) -> Any:
    """Make a secret for an app and show it."""
    with transaction():
        totp.new_secret(_me().id)
    return redirect(look.url("security_app"))


def app(look: Look) -> Any:
    """Show the secret that waits for its first code."""
    return _app_page(look, AppCodeForm())


def app_confirm(look: Look) -> Any:
    """Put the app to use when it shows the right code."""
    form = AppCodeForm(request.form)
    if not form.validate():
        return _app_page(look, form, 422)
    me = _me()
    try:
        with transaction():
            codes = services.turn_on_app(me.id, form.code.data or "", keep_session_id=me.session_id)
    except ValidationFailed as refusal:
        form.add_errors(refusal.errors)
        return _app_page(look, form, 422)
    return _done(look, codes, _("The authenticator app is set up. From now on we ask for its code."))


def app_off(look: Look) -> Any:
    """Ask for the app's codes no more."""
    me = _me()
    return _change(
        look,
        lambda: services.turn_off_app(me.id, keep_session_id=me.session_id),
        _("The authenticator app is removed."),
    )


def codes(look: Look) -> Any:
    """Make new recovery codes and show them once."""
    me = _me()
    try:
        with transaction():
            made = services.renew_recovery_codes(me.id, by=me.id)
    except Conflict as refusal:
        flash(str(refusal), "error")
        return redirect(look.url("security"))
    return _codes_page(look, made)


def passkey_options(look: Look) -> Any:
    """Return what the browser needs to make a passkey."""
    with transaction():
        return jsonify(passkeys.adding_options(get_account(_me().id)))


def passkey_add(look: Look) -> Any:
    """Add the passkey that the browser made."""
    me = _me()
    form = PasskeyNameForm(request.form)
    answer = request.form.get("credential", "")
    name = form.name.data if form.validate() else ""
    try:
        codes = services.add_passkey(me.id, answer, name or "", keep_session_id=me.session_id)
    except ValidationFailed as refusal:
        flash(str(next(iter(refusal.errors.values()))), "error")
        return redirect(look.url("security"))
    return _done(look, codes, _("The passkey is added. You can log in with it from now on."))


def passkey_rename(look: Look, passkey_id: int) -> Any:
    """Give a passkey another name."""
    form = PasskeyNameForm(request.form)
    if not form.validate():
        flash(_("Choose a shorter name."), "error")
        return redirect(look.url("security"))
    me, name = _me(), form.name.data or ""
    return _change(look, lambda: services.rename_passkey(me.id, passkey_id, name), _("The name is saved."))


def passkey_remove(look: Look, passkey_id: int) -> Any:
    """Forget a passkey."""
    me = _me()
    return _change(
        look,
        lambda: services.remove_passkey(me.id, passkey_id, keep_session_id=me.session_id),
        _("The passkey is removed. Delete it on your device, too."),
    )


def _change(look: Look, change: Callable[[], None], done: str) -> Any:
    try:
        with transaction():
            change()
    except Conflict as refusal:
        flash(str(refusal), "error")
    else:
        flash(done, "success")
    return redirect(look.url("security"))


def _done(look: Look, codes: Sequence[str] | None, done: str) -> Any:
    flash(done, "success")
    return redirect(look.url("security")) if codes is None else _codes_page(look, codes)


def _codes_page(look: Look, codes: Sequence[str]) -> Response:
    return look.draw(
        "recovery_codes",
        _("Your recovery codes"),
        _("With one of them you get in when your phone or passkey is gone. They are shown only now."),
        codes=codes_view(tuple(codes), look),
    )


def _app_page(look: Look, form: AppCodeForm, status: int = 200) -> Any:
    account = get_account(_me().id)
    secret = totp.waiting_secret(account.id)
    if secret is None:
        return redirect(look.url("security"))
    return look.draw(
        "authenticator_app",
        _("Set up an authenticator app"),
        _("For example Google Authenticator, Microsoft Authenticator or 1Password."),
        status=status,
        qr_image=totp.qr_image(account, secret),
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        wtform=form,
        form=form_view(form, action=look.url("security_app_confirm"), submit=_("Set up")),
        security_url=look.url("security"),
    )


def _me() -> SignedInAccount:
    account = current_account()
    assert account is not None
    return account


_VIEWS: tuple[tuple[str, str, str, Callable[..., Any]], ...] = (
    ("GET", "/app", "security_app", app),
    ("POST", "/app", "security_app_confirm", app_confirm),
    ("POST", "/app/new", "security_app_new", app_new),
    ("POST", "/app/off", "security_app_off", app_off),
    ("POST", "/codes", "security_codes", codes),
    ("POST", "/passkeys", "security_passkey_add", passkey_add),
    ("POST", "/passkeys/options", "security_passkey_options", passkey_options),
    ("POST", "/passkeys/<int:passkey_id>/rename", "security_passkey_rename", passkey_rename),
    ("POST", "/passkeys/<int:passkey_id>/remove", "security_passkey_remove", passkey_remove),
)


def _add_views(blueprint: Blueprint, path: str, rule: Callable[[Any], Any], look: Look) -> None:
    shown = opens_without_factor(rule(partial(overview, look)))
    blueprint.add_url_rule(path, "security", shown, methods=["GET"])
    for method, below, name, view in _VIEWS:
        guarded = opens_without_factor(rule(recent_log_in(partial(view, look))))
        blueprint.add_url_rule(path + below, name, guarded, methods=[method])


_add_views(site_blueprint, "/account/security", member_required, SiteLook())
_add_views(admin_blueprint, "/me/security", permission_required("admin.access"), AdminLook())
