"""The admin's screens of moving in: name the source, choose, look at what would happen, move."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, stream_with_context, url_for

from core.api import (
    Conflict,
    NotAllowed,
    SignedInAccount,
    ValidationFailed,
    _,
    current_account,
    hands_back,
    permission_required,
    recent_log_in,
    record_audit,
    render_admin,
    render_admin_fragment,
    site_today,
    staff_names,
    takes_up_to,
    transaction,
)

from . import services
from .kinds import BECOMES, TITLES, Kind
from .permissions import RUN
from .queries import PAGE, list_runs
from .report_file import report_file
from .services import get_run
from .showing import run_context
from .words import STATES

blueprint = Blueprint("wordpress_import_admin", __name__)
# The form around the files.
_ENVELOPE = 64 * 1024


def _account() -> SignedInAccount:
    account = current_account()
    if account is None:
        raise NotAllowed(_("Log in first."))
    return account


@blueprint.before_request
def _refuse_restricted() -> None:
    """Close the screens to staff who do not reach all customers: a move finds and changes any of them."""
    account = current_account()
    if account is not None and not account.is_owner and account.reach != "all":
        raise NotAllowed(_("To move in, you have to reach all customers. Ask an owner."))


@blueprint.get("/")
@permission_required(RUN)
def index() -> str:
    """List the moves; before the first, say how it goes."""
    before = _number("before")
    rows = list_runs(before or None)
    names = staff_names({row.account_id for row in rows if row.account_id is not None})
    older = rows[PAGE - 1].id if len(rows) > PAGE else None
    kinds = [(TITLES[kind], BECOMES[kind]) for kind in Kind]
    return render_admin(
        "wordpress_import/admin/index.html",
        rows=rows[:PAGE],
        names=names,
        older=older,
        states=STATES,
        kinds=kinds,
    )


def _number(name: str) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


@blueprint.route("/new", methods=["GET", "POST"])
@permission_required(RUN)
@takes_up_to(lambda: services.MOST_BYTES * 2 + _ENVELOPE)
@recent_log_in
def new() -> Any:
    """Step 1: where the rows come from. Only an owner may name a database."""
    account = _account()
    if request.method == "GET":
        return _source_page({})
    try:
        if request.form.get("source") == services.DATABASE:
            if not account.is_owner:
                raise NotAllowed(_("Only an owner may name a database."))
            with transaction():
                run = services.begin_with_database(request.form.get("url", ""), by=account.id)
        else:
            run = _begin_with_files(account)
    except ValidationFailed as problem:
        return _source_page(problem.errors), 422
    return redirect(url_for("wordpress_import_admin.show", run_id=run.id), 303)


def _begin_with_files(account: SignedInAccount) -> Any:
    sent = [file for file in request.files.getlist("files") if file.filename]
    if not sent or len(sent) > services.MOST_FILES:
        raise ValidationFailed({"files": _("Choose from one to %(most)s files.", most=services.MOST_FILES)})
    kept: list[Any] = []
    try:
        for file in sent:
            kept.append((file.filename or "", services.keep_file(file.stream)))
        with transaction():
            return services.begin_with_files(kept, by=account.id)
    except BaseException:
        for _name, stored in kept:
            services.store().delete(stored.name)
        raise


def _source_page(errors: Any) -> str:
    # What was typed is not shown again: it holds a password.
    return render_admin(
        "wordpress_import/admin/new.html",
        errors=errors,
        chosen=request.form.get("source", services.WXR),
        is_owner=_account().is_owner,
        megabytes=services.MOST_BYTES // (1024 * 1024),
        days=services.KEEP_OPEN.days,
    )


@blueprint.get("/<int:run_id>")
@permission_required(RUN)
def show(run_id: int) -> str:
    """Steps 2 and 3: choose, what would happen, how it goes, what it did."""
    context = run_context(get_run(run_id), _number("made"), _number("line"))
    if request.headers.get("HX-Request"):
        return render_admin_fragment("wordpress_import/admin/_state.html", **context)
    return render_admin("wordpress_import/admin/show.html", errors={}, **context)


@blueprint.post("/<int:run_id>/choose")
@permission_required(RUN)
def choose(run_id: int) -> Any:
    """Keep the choices and begin the dry run, or look at another site of the database."""
    sent = request.form
    run = get_run(run_id)
    names = run.found.get("roles", {})
    roles = {
        role: sent[f"role-{place}"] for place, role in enumerate(sorted(names)) if f"role-{place}" in sent
    }
    try:
        with transaction():
            run = get_run(run_id, for_change=True)
            if "site" in sent:
                services.choose_site(run, sent.get("prefix", ""))
            else:
                services.choose(run, sent.getlist("kinds"), sent.get("policy", ""), roles)
                services.start_check(run_id)
    except ValidationFailed as problem:
        page = render_admin(
            "wordpress_import/admin/show.html", errors=problem.errors, **run_context(get_run(run_id))
        )
        return page, 422
    except Conflict as problem:
        flash(str(problem), "error")
    return _to(run_id)


@blueprint.post("/<int:run_id>/again")
@permission_required(RUN)
def again(run_id: int) -> Any:
    """Make the dry run once more."""
    return _do(run_id, lambda: services.start_check(run_id))


@blueprint.post("/<int:run_id>/run")
@permission_required(RUN)
@recent_log_in
def run(run_id: int) -> Any:
    """Take everything over, or go on where it stopped."""
    account = _account()
    return _do(run_id, lambda: services.start_run(run_id, by=account.id))


@blueprint.post("/<int:run_id>/cancel")
@permission_required(RUN)
def cancel(run_id: int) -> Any:
    """Stop; what was taken stays."""
    account = _account()
    return _do(run_id, lambda: services.cancel(run_id, by=account.id))


def _do(run_id: int, action: Callable[[], None]) -> Any:
    try:
        with transaction():
            action()
    except Conflict as problem:
        flash(str(problem), "error")
    return _to(run_id)


def _to(run_id: int) -> Any:
    return redirect(url_for("wordpress_import_admin.show", run_id=run_id), 303)


@blueprint.get("/<int:run_id>/report.csv")
@permission_required(RUN)
@hands_back("numbers of rows, what became of them and links; no value of any row")
@recent_log_in
def report(run_id: int) -> Response:
    """Send all that was made and all that was not, with the reasons."""
    account = _account()
    get_run(run_id)
    with transaction():
        target = ("wordpress_import", run_id)
        record_audit("wordpress_import.report_downloaded", target=target, by=account.id)
    answer = Response(stream_with_context(report_file(run_id)), mimetype="text/csv")
    name = f"wordpress-{run_id}-{site_today().isoformat()}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
