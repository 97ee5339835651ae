"""Screens of a member's own data: address, profile, download, leaving and coming back."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request, url_for

from core.accounts import email_change, standing, withdrawal
from core.accounts.journey import account_link, blueprint, enter, home_link, link_is_over, signed_in
from core.accounts.member_forms import AddressForm, LeaveForm
from core.accounts.member_link import read_member_link
from core.accounts.registration.fields import answers_form, answers_view, asked_attributes, clean_answers
from core.accounts.registration.services import LinkIsOver
from core.accounts.services import set_display_name
from core.accounts.steps import button_only, step_page
from core.accounts.throttle import AskedTooOften
from core.customers.queries import get_customer
from core.customers.services import update_customer
from core.customers.storage import read_values
from core.db import transaction
from core.errors import Conflict, ValidationFailed
from core.formats import format_datetime
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.access import member_required, public
from core.security.owed_consent import opens_without_consent
from core.security.sessions import current_account
from core.security.step_up import recent_log_in
from core.theming.forms import form_view


@blueprint.route("/account/email", methods=["GET", "POST"])
@member_required
@recent_log_in
def email() -> Any:
    """Ask for a new address and mail a link there."""
    form = AddressForm(request.form)
    if request.method == "GET":
        return _email_page(AddressForm())
    if not form.validate():
        return _email_page(form, status=422)
    try:
        email_change.ask_to_change(signed_in().id, form.email.data or "")
    except ValidationFailed as refusal:
        form.add_errors(refusal.errors)
        return _email_page(form, status=422)
    except AskedTooOften as refusal:
        return _email_page(form, status=429, error=str(refusal))
    return step_page(
        _("Please look into the new mailbox"),
        _("We sent a mail to %(email)s. Open the link in it to go on.", email=form.email.data or ""),
        note=_("Until then everything stays as it is. The link works for 24 hours."),
        links=(account_link(),),
        is_done=True,
    )


def _email_page(form: AddressForm, **more: Any) -> Any:
    return step_page(
        _("Change your address"),
        _("You log in with %(email)s now.", email=signed_in().email),
        form=form_view(form, action=url_for("member.email"), submit=_("Send the link")),
        note=_("We send a link to the new address and tell the old one. Other devices are logged out."),
        links=(account_link(),),
        **more,
    )


@blueprint.route("/email/confirm/<token>", methods=["GET", "POST"])
@public
def confirm_email(token: str) -> Any:
    """Show a button; only the button changes the address."""
    try:
        found = email_change.find_change(token)
        if request.method == "GET":
            return step_page(
                _("Confirm your new address"),
                _("From now on you log in with %(email)s.", email=found.email),
                form=button_only(request.path, _("Use this address")),
            )
        here = current_account()
        mine = here is not None and here.id == found.account_id
        email_change.confirm_change(token, keep_session_id=here.session_id if here and mine else None)
    except LinkIsOver:
        return link_is_over()
    except Conflict as refusal:
        return step_page(_("This address cannot be used"), str(refusal), links=(home_link(),), status=409)
    flash(_("Your e-mail address is changed. All other devices were logged out."), "success")
    return redirect(url_for("accounts.account" if mine else "accounts.login"))


@blueprint.route("/account/profile", methods=["GET", "POST"])
@member_required
def profile() -> Any:
    """Show and change what the owner lets members fill in."""
    member = signed_in()
    found = get_customer(member.customer_id or 0)
    if request.method == "GET":
        return _profile_page(answers_form(read_values(found, asked_attributes())))
    form = answers_form({}, request.form)
    if not form.validate():
        return _profile_page(form, 422)
    try:
        answers = clean_answers(form.values)
        with transaction():
            changed = update_customer(found.id, answers, by=member.id)
            set_display_name(member.id, changed.name)
    except ValidationFailed as refusal:
        form.add_errors(refusal.errors)
        return _profile_page(form, 422)
    flash(_("Your details are saved."), "success")
    return redirect(url_for("accounts.account"))


def _profile_page(form: Any, status: int = 200) -> Any:
    if not asked_attributes():
        return step_page(
            _("Your details"), _("There is nothing to fill in here at the moment."), links=(account_link(),)
        )
    return step_page(
        _("Your details"),
        _("Only we see them."),
        form=answers_view(form, action=url_for("member.profile"), submit=_("Save")),
        links=(account_link(),),
        status=status,
    )


@blueprint.route("/account/leave", methods=["GET", "POST"])
@member_required
@opens_without_consent
@recent_log_in
def leave() -> Any:
    """Say what is lost, ask why, and end the membership."""
    kept_by = withdrawal.reasons_to_stay(signed_in().customer_id or 0)
    if kept_by:
        return _stay_page(kept_by, 200 if request.method == "GET" else 409)
    form = LeaveForm(request.form)
    if request.method == "GET":
        return _leave_page(LeaveForm())
    if not form.validate():
        return _leave_page(form, 422)
    with transaction():
        until = withdrawal.withdraw(signed_in().id, form.reason.data, form.note.data or "")
    days = current_snapshot().site.withdrawal_return_days
    return step_page(
        _("You have left"),
        _("Thank you for the time with us. You are logged out everywhere."),
        note=_("If you change your mind, log in until %(until)s and come back.", until=format_datetime(until))
        if days
        else "",
        links=(home_link(),),
        is_done=True,
    )


def _stay_page(reasons: Sequence[str], status: int) -> Any:
    return step_page(
        _("End your membership"),
        _("Something has to be settled before you can leave."),
        points_title=_("What is open"),
        points=tuple(reasons),
        links=(account_link(),),
        status=status,
    )


def _leave_page(form: LeaveForm, status: int = 200) -> Any:
    days = current_snapshot().site.withdrawal_return_days
    return step_page(
        _("End your membership"),
        _("You can come back within %(days)s days; until then nothing is lost.", days=days)
        if days
        else _("This acts at once and cannot be undone."),
        points_title=_("What you lose"),
        points=withdrawal.losses(signed_in().customer_id or 0),
        form=form_view(form, action=url_for("member.leave"), submit=_("End the membership")),
        links=(account_link(),),
        is_danger=True,
        status=status,
    )


@blueprint.route("/return/<token>", methods=["GET", "POST"])
@public
def come_back(token: str) -> Any:
    """Show a button to those who left and have just given the right password."""
    row = standing.find_return(token)
    if row is None:
        return link_is_over()
    if request.method == "GET":
        until = format_datetime(row.return_until)
        return step_page(
            _("Do you want to come back?"),
            _("You left, but until %(until)s everything is still here.", until=until),
            form=button_only(request.path, _("Come back and log in")),
            links=(home_link(),),
        )
    account_id = standing.take_back(token)
    if account_id is None:
        return link_is_over()
    flash(_("Welcome back! Everything is as it was."), "success")
    return enter(account_id, "password")


@blueprint.get("/member-link")
@public
def check_member_link() -> Any:
    """Tell another site whether a `[member_link]` that it got is true, and its number for the member."""
    found = read_member_link(request.args.get("token", ""))
    if found is None:
        return {"valid": False}, 404
    return {"valid": True, "member": found.number, "for": found.host}
