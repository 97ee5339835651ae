"""Hands the files of messages to staff, by links that live for minutes."""

from flask import redirect, url_for
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from core.api import (
    NotFound,
    _,
    current_account,
    db,
    download,
    file_store,
    hands_back,
    permission_required,
    sign,
    unsign,
)

from ..blueprint import admin
from ..models_files import SentFile
from ..permissions import INBOX_SEE
from ..rights.reach import may_see
from ..rights.showing import shows_personal
from .held import OWNER
from .showing import can_open

LINK_SECONDS = 300
_PURPOSE = "contact_forms.file"


@admin.get("/files/<int:file_id>")
@permission_required(INBOX_SEE)
def file_link(file_id: int) -> Response:
    """Lead whoever may have a file to a link for it that soon ends."""
    file = _find(file_id)
    account = current_account()
    token = sign(_PURPOSE, [file.id, account.id if account else 0])
    return redirect(url_for(".file_download", file_id=file.id, token=token))


@admin.get("/files/<int:file_id>/<token>")
@permission_required(INBOX_SEE)
@hands_back("a file as a visitor sent it")
def file_download(file_id: int, token: str) -> Response:
    """Send the file to the account that the link was made for, if it still may have it."""
    account = current_account()
    told = unsign(_PURPOSE, token[:1_000], max_age=LINK_SECONDS)
    if account is None or told != [file_id, account.id]:
        raise Forbidden(_("This link is over. Open the file from its message again."))
    file = _find(file_id)
    try:
        stream = file_store(OWNER).open(file.stored)
    except FileNotFoundError:
        raise NotFound(_("This file is no longer there.")) from None
    return download(stream, file.name, file.size)


def may_have(form_id: int) -> bool:
    """Tell whether whoever is at work may have the files of a form: nobody can mask what is in them."""
    return may_see(current_account(), form_id) and shows_personal(form_id)


def _find(file_id: int) -> SentFile:
    """Return a file that whoever is at work may have; raise NotFound or Forbidden."""
    file = db.session.get(SentFile, file_id)
    if file is None or file.submission_id is None or not may_have(file.form_id):
        raise NotFound(_("This file is no longer there."))
    if not can_open(file):
        raise Forbidden(_("This file cannot be opened: it is blocked, not checked yet, or deleted."))
    return file
