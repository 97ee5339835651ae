"""The files that a customer sent, for the file of their own data."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import select

from core.api import CustomerFile, db, file_store

from ..models import Submission
from ..models_files import SentFile
from .held import OWNER
from .showing import can_open


def files_of_customer(customer_id: int) -> Sequence[CustomerFile]:
    """Return the files of all messages of a customer, but those that a scanner has a say in."""
    query = (
        select(SentFile)
        .join(Submission, Submission.id == SentFile.submission_id)
        .where(Submission.customer_id == customer_id, SentFile.stored != "")
        .order_by(SentFile.id)
    )
    store = file_store(OWNER)
    rows = db.session.scalars(query).all()
    return [CustomerFile(row.name, partial(store.open, row.stored)) for row in rows if can_open(row)]
