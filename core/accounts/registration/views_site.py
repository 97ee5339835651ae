"""Screens: register, and confirm the address with a password."""

from typing import Any

from flask import flash, redirect, request, url_for

from core.accounts.journey import blueprint, enter, home_link, link_is_over
from core.accounts.member_forms import AddressForm, NewPasswordForm
from core.accounts.member_models import MailedToken, Purpose
from core.accounts.registration.consent_form import ConsentForm, consent_form, step_texts
from core.accounts.registration.consent_texts import texts_in_use
from core.accounts.registration.fields import answers_form, answers_view
from core.accounts.registration.services import (
    CLOSED,
    INVITE_ONLY,
    LinkIsOver,
    ask_to_register,
    check_request,
    confirm_registration,
    find_invitation,
)
from core.accounts.steps import all_valid, joined_view, step_page
from core.accounts.throttle import AskedTooOften
from core.errors import Conflict, ValidationFailed
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.access import public
from core.security.sessions import current_account
from core.theming.forms import FormView
from core.theming.views import LinkView


@blueprint.get("/register")
@public
def register() -> Any:
    """Show the registration form, or say that there is none."""
    if current_account() is not None:
        return redirect(url_for("accounts.account"))
    mode = current_snapshot().site.registration
    if mode in (CLOSED, INVITE_ONLY):
        return _not_open(mode)
    return _register_page(AddressForm(), answers_form({}), consent_form(texts_in_use()))


@blueprint.post("/register")
@public
def register_post() -> Any:
    """Send the mail that confirms the address; the answer is the same for every address."""
    site = current_snapshot().site
    if site.registration in (CLOSED, INVITE_ONLY):
        return _not_open(site.registration)
    address, answers = AddressForm(request.form), answers_form({}, request.form)
    consent = consent_form(texts_in_use(), request.form)
    forms = address, answers, consent
    is_valid = all_valid(forms)
    try:
        check_request(address.email.data or "", answers.values)
    except ValidationFailed as refusal:
        for form in (address, answers):
            form.add_errors({n: m for n, m in refusal.errors.items() if n in form and not form[n].errors})
        is_valid = False
    if not is_valid:
        return _register_page(*forms, status=422)
    try:
        ask_to_register(address.email.data or "", answers.values, consents=consent.answers)
    except AskedTooOften as refusal:
        return _register_page(*forms, status=429, error=str(refusal))
    return step_page(
        _("Please look into your mailbox"),
        _("We sent a mail to %(email)s. Open the link in it to go on.", email=address.email.data or ""),
        note=_("The link works for 24 hours. If nothing arrives, look into the folder for unwanted mail."),
        links=(home_link(),),
        is_done=True,
    )


def _not_open(mode: str) -> Any:
    by_invitation = mode == INVITE_ONLY
    return step_page(
        _("Members are invited") if by_invitation else _("Registration is closed"),
        _("You become a member by an invitation from us. It comes by mail.")
        if by_invitation
        else _("We take no new members at the moment."),
        links=(LinkView(title=_("Log in"), url=url_for("accounts.login")), home_link()),
        status=403,
    )


def register_view(address: AddressForm, answers: Any, consent: ConsentForm) -> FormView:
    """Return the registration as one form."""
    asked = answers_view(answers, action="", submit="")
    return joined_view(url_for("member.register_post"), _("Register"), address, asked, consent)


def _register_page(address: AddressForm, answers: Any, consent: ConsentForm, **more: Any) -> Any:
    return step_page(
        _("Become a member"),
        _("Tell us where to reach you. We send a mail to confirm the address."),
        form=register_view(address, answers, consent),
        texts=step_texts(consent.texts),
        links=(LinkView(title=_("You have an account? Log in"), url=url_for("accounts.login")),),
        **more,
    )


@blueprint.route("/register/confirm/<token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> Any:
    """Show the form for a password; sending it confirms the address and makes the account."""
    try:
        found = find_invitation(token)
        # Who asked to register agreed already; who was invited is asked here.
        texts = texts_in_use() if found.purpose == Purpose.INVITE else ()
        if request.method == "GET":
            return _confirm_page(found, NewPasswordForm(), consent_form(texts))
        password, consent = NewPasswordForm(request.form), consent_form(texts, request.form)
        if not all_valid([password, consent]):
            return _confirm_page(found, password, consent, 422)
        return _confirm(found, token, password, consent)
    except LinkIsOver:
        return link_is_over()


def _confirm(found: MailedToken, token: str, password: NewPasswordForm, consent: ConsentForm) -> Any:
    try:
        made = confirm_registration(token, password.password.data or "", consents=consent.answers)
    except ValidationFailed as refusal:
        password.add_errors(refusal.errors)
        return _confirm_page(found, password, consent, 422)
    except Conflict as refusal:
        flash(str(refusal), "error")
        return redirect(url_for("accounts.login"))
    if made.is_waiting:
        return step_page(
            _("Thank you, your address is confirmed"),
            _("We look at every registration ourselves and write to you as soon as you can log in."),
            links=(home_link(),),
            is_done=True,
        )
    flash(_("Welcome! You are a member now."), "success")
    return enter(made.account_id, "link")


def _confirm_page(
    found: MailedToken, password: NewPasswordForm, consent: ConsentForm, status: int = 200
) -> Any:
    return step_page(
        _("Choose a password"),
        _("For %(email)s. With the button you confirm this address.", email=found.email),
        form=joined_view(request.path, _("Confirm and register"), password, consent),
        texts=step_texts(consent.texts),
        status=status,
    )
