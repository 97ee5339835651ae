"""What incoming mail that belongs to no message says of a person."""

from typing import Any

from sqlalchemy import delete, select

from core.api import db, email_keys_of

from ..models_inbound import IncomingMail


def report_incoming(customer_id: int) -> list[dict[str, Any]]:
    """Return the mails from the customer's addresses that nobody has put to a message."""
    theirs = IncomingMail.from_key.in_(email_keys_of(customer_id)) & (IncomingMail.from_address != "")
    return [
        {
            "from": row.from_address,
            "name": row.from_name,
            "subject": row.subject,
            "arrived_at": row.fetched_at.isoformat(),
            "text": row.body,
            "quoted": row.details.get("quoted", ""),
            "files": [file["name"] for file in row.details.get("files", ())],
        }
        for row in db.session.scalars(select(IncomingMail).where(theirs).order_by(IncomingMail.id))
    ]


def erase_incoming(key: str) -> int:
    """Delete every trace of mails from an address; return how many."""
    theirs = delete(IncomingMail).where(IncomingMail.from_key == key)
    done = db.session.execute(theirs.execution_options(synchronize_session=False))
    return int(done.rowcount)  # type: ignore[attr-defined]
