"""Requests and holds when two customers become one, and when that is taken back."""

from collections.abc import Mapping
from typing import Any

from core.customers.merges.rows import move_rows, return_rows
from core.db import db
from core.privacy.erasing.traces import forget_bulk
from core.privacy.models import Hold, PrivacyRequest
from core.privacy.package.services import drop_packages
from core.privacy.queries import hold_on


def move_privacy(kept_id: int, merged_id: int) -> dict[str, Any]:
    """Give the merged customer's requests and hold to the one that stays; return how to undo it.

    Packages of either hold half of what is known now: they go.
    """
    drop_packages(kept_id)
    drop_packages(merged_id)
    # Their rows go with the merged customer, and nothing would name whose value it was.
    forget_bulk(merged_id)
    noted: dict[str, Any] = {
        "requests": move_rows(PrivacyRequest.customer_id, merged_id, kept_id),
        "hold": None,
    }
    held, theirs = hold_on(merged_id), hold_on(kept_id)
    if held is None:
        return noted
    noted["hold"] = [held.kind, held.reason, theirs is None]
    if theirs is None:
        held.customer_id = kept_id
    else:
        if held.kind == "legal" and theirs.kind != "legal":
            theirs.kind, theirs.reason = held.kind, held.reason
        db.session.delete(held)
    db.session.flush()
    return noted


def return_privacy(kept_id: int, merged_id: int, noted: Mapping[str, Any]) -> None:
    """Give requests back to the customer who was merged. Who was held stays held, both of them."""
    drop_packages(kept_id)
    return_rows(PrivacyRequest.customer_id, noted["requests"], kept_id, merged_id)
    if noted["hold"] is None:
        return
    kind, reason, _moved = noted["hold"]
    db.session.add(Hold(customer_id=merged_id, kind=kind, reason=reason))
    db.session.flush()
