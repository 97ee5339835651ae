"""Screens: answer what the owner asks before member pages open, and see what one agreed to."""

from typing import Any

from flask import flash, redirect, request, url_for

from core.accounts.journey import account_link, blueprint, signed_in
from core.accounts.registration.consent_form import ConsentForm, consent_form, step_texts
from core.accounts.registration.consent_queries import consent_views
from core.accounts.registration.consent_texts import all_texts
from core.accounts.registration.consents import (
    AT_LOG_IN,
    ON_MY_PAGE,
    Answer,
    owed_texts,
    record_answers,
)
from core.accounts.steps import button_only, step_page
from core.db import transaction
from core.errors import NotFound
from core.i18n import _
from core.security.access import member_required
from core.security.owed_consent import opens_without_consent
from core.security.redirects import safe_target
from core.security.required_factor import opens_without_factor
from core.theming.forms import form_view
from core.theming.rendering import render_site_fragment
from core.theming.views import LinkView


@blueprint.route("/account/agree", methods=["GET", "POST"])
@member_required
@opens_without_consent
@opens_without_factor
def agree() -> Any:
    """Ask what is owed; every other page of the member waits for the answer."""
    member = signed_in()
    owed = owed_texts(member.customer_id or 0)
    if request.method == "GET":
        return _agree_page(consent_form(owed)) if member.owes_consent else redirect(_target())
    form = consent_form(owed, request.form)
    if not form.validate():
        return _agree_page(form, 422)
    with transaction():
        record_answers(member.customer_id or 0, form.answers, AT_LOG_IN)
    return redirect(_target(), 303)


def _target() -> str:
    return safe_target(request.args.get("next"), url_for("accounts.account"))


def _agree_page(form: ConsentForm, status: int = 200) -> Any:
    action = url_for("member.agree", next=safe_target(request.args.get("next"), "") or None)
    if not form.texts:
        # Answered in another browser, or no longer asked.
        there_is_nothing = _("There is nothing left that you have to answer.")
        return step_page(_("Thank you"), there_is_nothing, form=button_only(action, _("Go on")))
    return step_page(
        _("Please read this first"),
        _("Something that you are asked to agree to is new or has changed."),
        form=form_view(form, action=action, submit=_("Save my answers and go on")),
        texts=step_texts(form.texts),
        note=_("If you do not agree, log out or end your membership. Until then nothing of yours is lost."),
        links=(
            LinkView(title=_("Your data"), url=url_for("member.data")),
            LinkView(title=_("End your membership"), url=url_for("member.leave")),
        ),
        extra=render_site_fragment("site/_logout_button.html", text=_("Log out")),
        status=status,
    )


@blueprint.get("/account/consents")
@member_required
def consents() -> Any:
    """Show what I agreed to, with every version, and what I can take back."""
    views = consent_views(signed_in().customer_id or 0)
    lead = (
        _("Which text you agreed to, and when. What is optional you can take back here at any time.")
        if views
        else _("There is nothing that you are asked to agree to.")
    )
    return step_page(
        _("What you agreed to"),
        lead,
        extra=render_site_fragment("site/_consents.html", consents=views),
        links=(account_link(),),
    )


@blueprint.post("/account/consents")
@member_required
def answer_consent() -> Any:
    """Agree to the version that was shown, or take an optional agreement back."""
    kind, agreed = request.form.get("kind"), request.form.get("answer") == "yes"
    found = next((text for text in all_texts() if text.kind == kind and text.version), None)
    if found is None:
        raise NotFound(_("There is no such text."))
    if agreed and (not found.text or request.form.get("version") != str(found.version)):
        flash(_("The text has changed meanwhile. Please read it again."), "error")
    elif not agreed and found.is_required and found.text:
        flash(_("You take this back by ending your membership."), "error")
    else:
        with transaction():
            said = Answer(found.kind.value, found.version, agreed)
            record_answers(signed_in().customer_id or 0, [said], ON_MY_PAGE)
        flash(_("Your answer is saved."), "success")
    return redirect(url_for("member.consents"), 303)
