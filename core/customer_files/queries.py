"""Reads of customers' files."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select

from core.customer_files.models import KeptFile
from core.db import db
from core.errors import NotFound
from core.i18n import _


def files_of(customer_id: int) -> Sequence[KeptFile]:
    """Return the files that lie with a customer, newest first."""
    query = select(KeptFile).where(KeptFile.customer_id == customer_id).order_by(KeptFile.id.desc())
    return db.session.scalars(query).all()


def files_of_lines(activity_ids: Collection[int]) -> Mapping[int, Sequence[KeptFile]]:
    """Return the files by the lines of the timeline that they came with."""
    if not activity_ids:
        return {}
    query = select(KeptFile).where(KeptFile.activity_id.in_(list(activity_ids))).order_by(KeptFile.id)
    found: dict[int, list[KeptFile]] = {}
    for file in db.session.scalars(query):
        found.setdefault(file.activity_id or 0, []).append(file)
    return found


def get_file(customer_id: int, file_id: int) -> KeptFile:
    """Return a file of a customer; raise NotFound."""
    file = db.session.get(KeptFile, file_id)
    if file is None or file.customer_id != customer_id:
        raise NotFound(_("This file is no longer there."))
    return file


def chosen_files(customer_id: int, typed: Collection[str]) -> Sequence[KeptFile]:
    """Return those of a customer's files whose ids were sent; what is no file of theirs is left out."""
    return [file for file in files_of(customer_id) if str(file.id) in typed] if typed else []
