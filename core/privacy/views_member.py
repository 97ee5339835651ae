"""Screens of a member's own data: take it along, ask about it, see what became of that."""

from tempfile import SpooledTemporaryFile
from typing import Any

from flask import Response, flash, redirect, request, url_for

from core.accounts.journey import account_link, blueprint, signed_in
from core.accounts.steps import step_page
from core.activity.services import record_audit
from core.db import transaction
from core.errors import Conflict, NotFound, ValidationFailed
from core.files.responses import download
from core.i18n import _, current_language
from core.privacy import services
from core.privacy.forms import AskForm
from core.privacy.kinds import KINDS, STATES, Kind, State
from core.privacy.package import services as packages
from core.privacy.queries import packages_of, requests_of
from core.security.access import member_required
from core.security.owed_consent import opens_without_consent
from core.security.step_up import is_recent, recent_log_in
from core.theming.forms import form_view
from core.theming.rendering import render_site_fragment

_IN_MEMORY = 4_000_000


@blueprint.get("/account/data")
@member_required
@opens_without_consent
@recent_log_in
def data() -> Any:
    """Say what the download holds, and offer to ask about the rest."""
    return _page(AskForm())


def _page(form: AskForm, status: int = 200) -> Any:
    customer_id = signed_in().customer_id or 0
    asked = requests_of(customer_id)
    ready = [p for p in packages_of(customer_id) if p.for_member and p.state in ("making", "ready")]
    extra = render_site_fragment(
        "site/_privacy.html",
        form=form_view(form, action=url_for("member.ask_about_data"), submit=_("Send the request")),
        requests=[
            {
                "number": row.number,
                "title": str(KINDS[Kind(row.kind)]),
                "state": str(STATES[State(row.state)][0]),
                "is_open": row.state == State.OPEN,
                "received_on": row.received_on,
                "due_on": row.due_on,
                "answer": row.reason,
            }
            for row in asked
        ],
        packages=[{"made_at": p.created_at, "is_ready": p.state == "ready", "id": p.id} for p in ready],
        download_url=url_for("member.download_data"),
    )
    return step_page(
        _("Your data"),
        _("What you told us and what concerns you, as one ZIP file: a page to read, a PDF and JSON."),
        points=(
            _("What you told us"),
            _("What happened, with dates"),
            _("Devices, passkeys and changes to your account"),
            _("Subjects and dates of the mails that we sent you"),
            _("What you agreed to"),
            _("Memberships, points, messages and the like"),
        ),
        extra=extra,
        links=(account_link(),),
        status=status,
    )


@blueprint.post("/account/data")
@member_required
@opens_without_consent
@recent_log_in
def download_data() -> Any:
    """Hand out the package; a large one is made by a job and fetched from the page later."""
    member = signed_in()
    customer_id = member.customer_id or 0
    given = request.form.get("package", "")
    if given:
        return _fetch(customer_id, int(given) if given.isdecimal() and len(given) < 19 else 0)
    if packages.is_large(customer_id):
        with transaction():
            packages.begin_package(customer_id, by=member.id, for_member=True, language=current_language())
        flash(_("Your data is being put together. Come back to this page in a few minutes."), "success")
        return redirect(url_for("member.data"), 303)
    # Closed by the answer, when all of it is sent.
    out = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
    try:
        packages.write_own_package(out, customer_id)
    except BaseException:
        out.close()
        raise
    size = out.tell()
    out.seek(0)
    with transaction():
        record_audit("member.data_downloaded", target=("customer", customer_id), by=member.id)
    return _send(download(out, _name(customer_id), size))


def _fetch(customer_id: int, package_id: int) -> Any:
    try:
        row = packages.get_package(package_id)
        if row.customer_id != customer_id or not row.for_member:
            raise Conflict(_("This package is not there any more. Make a new one."))
        with transaction():
            row, stream = packages.open_package(package_id, by=signed_in().id, event="package_fetched")
            return _send(download(stream, _name(customer_id), row.size))
    except (Conflict, NotFound) as problem:
        flash(str(problem), "error")
        return redirect(url_for("member.data"), 303)


def _name(customer_id: int) -> str:
    return f"my-data-{customer_id:08d}.zip"


def _send(answer: Response) -> Response:
    answer.mimetype = "application/zip"
    return answer


@blueprint.post("/account/data/ask")
@member_required
@opens_without_consent
@recent_log_in
def ask_about_data() -> Any:
    """Take a request; the recent log-in shows who asks."""
    member, form = signed_in(), AskForm(request.form)
    if not form.validate():
        return _page(form, 422)
    try:
        with transaction():
            row = services.ask_as_member(
                member.customer_id or 0,
                member.id,
                form.kind.data,
                form.text.data or "",
                is_recent=is_recent(member),
            )
    except ValidationFailed as refusal:
        form.add_errors(refusal.errors)
        return _page(form, 422)
    except Conflict as problem:
        flash(str(problem), "error")
        return redirect(url_for("member.data"), 303)
    flash(_("We have your request (%(number)s) and will answer it.", number=row.number), "success")
    return redirect(url_for("member.data"), 303)
