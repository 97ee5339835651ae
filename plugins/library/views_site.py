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
    file, opened = _find(slug)
    return _page(file, opened)


@site.get("/<slug>/download")
@public
def download(slug: str) -> Response:
    """Lead whoever may have a file to a link for its bytes that soon ends; hand out public ones at once."""
    file, opened = _find(slug)
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
    file, opened = _find(slug)
    account = current_account()
    if not opened.granted:
        return _page(file, opened)
    _refuse_viewing(account)
    mark = read_link(file, account, token)
    if request.method != "HEAD":
        try:
            note_download(file, account, mark)
        except CapReached as reached:
            return _page(file, opened, str(reached))
    return send(file, account)


def _find(slug: str) -> tuple[LibraryFile, Opened]:
    """Return a published file and what the gate says; raise NotFound where nobody must learn of it."""
    file = find_published(slug)
    opened = open_content(file.ref, current_account()) if file is not None else Opened(granted=False)
    if file is None or (not opened.granted and opened.display is Display.NOT_FOUND):
        raise NotFound(_("There is no such file."))
    return file, opened


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
