"""The site's side: a file's page, and its bytes. Each view asks the gate before anything else."""

from dataclasses import replace

from flask import g, redirect, request, url_for
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from core.api import (
    Display,
    GateView,
    NotFound,
    Opened,
    SignedInAccount,
    Visibility,
    _,
    current_account,
    gate_view,
    open_content,
    open_for_reading,
    public,
    render_site,
)

from .blueprint import site
from .downloads.counting import CapReached, note_download, refuse_more
from .downloads.links import make_link, read_link
from .downloads.sending import send
from .files.queries import find_published
from .models import LibraryFile
from .view_objects import file_view

CLOSED = 403


@site.get("/<slug>")
@public
def file_page(slug: str) -> Response:
    """Show what a file is and the button to download it, or what opens it."""
    file, _asked, opened = _find(slug)
    return _page(file, opened)


@site.get("/<slug>/download")
@public
def download(slug: str) -> Response:
    """Lead whoever may have a file to a link for its bytes that soon ends; hand out public ones at once."""
    file, _asked, opened = _find(slug)
    account = current_account()
    if not opened.granted:
        return _page(file, opened)
    if file.visibility == Visibility.PUBLIC:
        return send(file, account)
    _refuse_viewing(account)
    try:
        refuse_more(file, account)
    except CapReached as reached:
        return _page(file, opened, str(reached))
    return redirect(url_for(".file_bytes", slug=slug, token=make_link(file, account)))


@site.get("/<slug>/get/<token>")
@public
def file_bytes(slug: str, token: str) -> Response:
    """Send a file, or a part of it, to the account that the link was made for, if it still may have it."""
    file, asked, opened = _find(slug)
    account = current_account()
    if not opened.granted:
        return _page(file, opened)
    _refuse_viewing(account)
    mark = read_link(file, account, token)
    # HEAD hands nothing out, so that it counts for nothing.
    if request.method == "HEAD":
        return send(file, account)
    try:
        note_download(file, account, mark)
    except CapReached as reached:
        return _page(file, opened, str(reached))
    # What is metered counts now, once a month: another part of the file is the same reading.
    if not open_for_reading(file.ref, account, asked).granted:
        return _page(file, asked)
    return send(file, account)


def _find(slug: str) -> tuple[LibraryFile, Opened, Opened]:
    """Return a published file, what the gate says, and the same with what the visitor's allowance grants.

    Nothing is counted here. Raise NotFound where the visitor must not learn of the file.
    """
    file, account = find_published(slug), current_account()
    if file is None:
        raise NotFound(_("There is no such file."))
    asked = open_content(file.ref, account)
    opened = open_for_reading(file.ref, account, asked, counts=False)
    if not opened.granted and opened.display is Display.NOT_FOUND:
        raise NotFound(_("There is no such file."))
    return file, asked, opened


def _refuse_viewing(account: SignedInAccount | None) -> None:
    if account is not None and account.viewed_by is not None:
        raise Forbidden(_("You see the site as a member does. Files are not handed out in this way."))


def _page(file: LibraryFile, opened: Opened, problem: str = "") -> Response:
    account = current_account()
    if not opened.granted and opened.display is Display.REDIRECT and account is None:
        return redirect(url_for("accounts.login", next=url_for(".file_page", slug=file.slug)))
    g.answer_varies = True
    html = render_site(
        "library/file.html",
        file=file_view(file),
        gate=None if opened.granted else _gate(file, opened, account),
        note=opened.message if opened.granted else "",
        problem=problem,
    )
    answer = Response(html, CLOSED if problem or not opened.granted else 200, mimetype="text/html")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _gate(file: LibraryFile, opened: Opened, account: SignedInAccount | None) -> GateView:
    view = gate_view(file.ref, opened, account)
    if any(answer.message for answer in opened.access):
        return view
    is_for_all = file.visibility == Visibility.MEMBERS
    words = _("This file is for members.") if is_for_all else _("This file is for certain members.")
    return replace(view, message=words)
