"""Counts downloads: each link once, and against the caps of a member where a file has some."""

import datetime as dt
import hashlib

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.api import (
    Conflict,
    SignedInAccount,
    db,
    ngettext,
    savepoint,
    site_day_begins,
    site_today,
    transaction,
)

from ..models import Download, LibraryFile


class CapReached(Conflict):
    """The member has downloaded the file as often as they may."""


def note_download(file: LibraryFile, account: SignedInAccount | None, mark: str) -> None:
    """Write down that a link is used for the first time; raise CapReached when it is one too many.

    Under a cap the file's row is locked, so that of two downloads in one moment only one is the last.
    """
    digest = hashlib.sha256(mark.encode()).hexdigest()
    if _is_noted(digest):
        return
    customer_id = account.customer_id if account is not None else None
    with transaction():
        if customer_id is not None and file.is_capped:
            _refuse_too_many(_locked(file.id), customer_id)
        if _is_noted(digest):
            return
        try:
            with savepoint():
                db.session.add(
                    Download(
                        file_id=file.id,
                        file_title=file.title,
                        customer_id=customer_id,
                        account_id=account.id if account is not None else None,
                        mark=digest,
                        is_stamped=file.is_stamped and customer_id is not None,
                    )
                )
                db.session.flush()
        except IntegrityError:
            # Two requests with one link came in the same moment: they are one download.
            return


def refuse_more(file: LibraryFile, account: SignedInAccount | None) -> None:
    """Raise CapReached when the account may not download the file once more now."""
    if account is not None and account.customer_id is not None and file.is_capped:
        _refuse_too_many(file, account.customer_id)


def _is_noted(digest: str) -> bool:
    return db.session.scalar(select(Download.id).where(Download.mark == digest)) is not None


def _locked(file_id: int) -> LibraryFile:
    locked = select(LibraryFile).where(LibraryFile.id == file_id).with_for_update()
    return db.session.execute(locked, execution_options={"populate_existing": True}).scalar_one()


def _refuse_too_many(file: LibraryFile, customer_id: int) -> None:
    mine = select(func.count(Download.id)).where(
        Download.file_id == file.id, Download.customer_id == customer_id
    )
    if file.total_cap is not None and (db.session.scalar(mine) or 0) >= file.total_cap:
        raise CapReached(_said(file.total_cap))
    if file.daily_cap is not None:
        today = mine.where(Download.downloaded_at >= _today_begins())
        if (db.session.scalar(today) or 0) >= file.daily_cap:
            raise CapReached(_said_of_a_day(file.daily_cap))


def _today_begins() -> dt.datetime:
    return site_day_begins(site_today())


def _said(cap: int) -> str:
    return ngettext(
        "You have downloaded this file once already; that is all.",
        "You have downloaded this file %(num)s times already; that is all.",
        cap,
    )


def _said_of_a_day(cap: int) -> str:
    return ngettext(
        "You have downloaded this file once today. You can do so again tomorrow.",
        "You have downloaded this file %(num)s times today. You can do so again tomorrow.",
        cap,
    )
