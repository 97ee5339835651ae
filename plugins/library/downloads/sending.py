"""Sends the bytes of a file to somebody for whom the gate has opened it."""

from typing import IO

from werkzeug.wrappers import Response

from core.api import (
    Handout,
    NotFound,
    SignedInAccount,
    Visibility,
    _,
    current_snapshot,
    file_store,
    format_date,
    hand_out,
    hand_over,
    in_language,
    plugin_settings,
    site_today,
)

from ..models import LibraryFile
from ..settings import PLUGIN
from ..stamping.pdf import stamped


def send(file: LibraryFile, account: SignedInAccount | None) -> Response:
    """Return the answer with the bytes; raise NotFound when the store has none."""
    try:
        if file.is_stamped and account is not None and account.customer_id is not None:
            return _send_copy(file, account.customer_id)
        return _send_original(file, is_shared=_is_shared(file, account))
    except FileNotFoundError:
        raise NotFound(_("This file is no longer there.")) from None


def _is_shared(file: LibraryFile, account: SignedInAccount | None) -> bool:
    return file.visibility == Visibility.PUBLIC and account is None


def _send_original(file: LibraryFile, *, is_shared: bool) -> Response:
    told = Handout(file.name, file.media_type, file.size, file.digest, is_shared)
    prefix, place = plugin_settings(PLUGIN)["accel_prefix"], file_store(PLUGIN).place(file.stored)
    if prefix and place:
        return hand_over(f"{prefix}/{place}", told)
    return hand_out(file_store(PLUGIN).open(file.stored), told)


def _send_copy(file: LibraryFile, customer_id: int) -> Response:
    """Send the member's own copy of a PDF; the same on one day, so that a download can go on."""
    line = stamp_line(customer_id)
    copy = stamped(file.stored, line)
    told = f"{customer_id:x}-{site_today():%Y%m%d}-{file.digest}"
    return hand_out(copy, Handout(file.name, file.media_type, _size(copy), told))


def stamp_line(customer_id: int) -> str:
    """Return what is stamped on each page: the member's number and the day."""
    # In the site's language: the copy must not depend on how somebody reads the site just now.
    with in_language(current_snapshot().site.language):
        return _("Member %(number)s · %(day)s", number=f"{customer_id:08d}", day=format_date(site_today()))


def _size(stream: IO[bytes]) -> int:
    size = stream.seek(0, 2)
    stream.seek(0)
    return size
