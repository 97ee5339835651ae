"""Holds: customers who must not be erased, or whom the rule on leads leaves alone."""

from sqlalchemy import select

from core.activity.services import record_audit
from core.customers.queries import get_customer_for_change
from core.db import db
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import _
from core.privacy.models import Hold, Mark
from core.privacy.queries import hold_on

LEGAL, RETENTION = "legal", "retention"
MAX_REASON = 500


def hold_customer(customer_id: int, kind: str, reason: str, *, by: int | None) -> Hold:
    """Keep a customer, and say why; raise ValidationFailed, NotFound."""
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise ValidationFailed({"reason": _("Say why, in at most %(n)s characters.", n=MAX_REASON)})
    if kind not in (LEGAL, RETENTION):
        raise ValidationFailed({"kind": _("Choose one from the list.")})
    get_customer_for_change(customer_id)
    row = hold_on(customer_id)
    if row is None:
        row = Hold(customer_id=customer_id)
        db.session.add(row)
    elif row.kind == LEGAL and kind == RETENTION:
        # The stronger one stays until somebody releases it.
        return row
    row.kind, row.reason, row.account_id = kind, reason, by
    mark = db.session.get(Mark, customer_id)
    if mark is not None:
        db.session.delete(mark)
    db.session.flush()
    record_audit("privacy.hold_set", target=("customer", customer_id), by=by, data={"kind": kind})
    return row


def release_customer(customer_id: int, *, by: int | None) -> None:
    """Take the hold of a customer away; raise NotFound."""
    row = hold_on(customer_id)
    if row is None:
        raise NotFound(_("This hold no longer exists."))
    db.session.delete(row)
    db.session.flush()
    record_audit("privacy.hold_released", target=("customer", customer_id), by=by)


def refuse_held(customer_id: int) -> None:
    """Raise Conflict for a customer whose data must be kept."""
    kind = db.session.scalar(select(Hold.kind).where(Hold.customer_id == customer_id))
    if kind == LEGAL:
        raise Conflict(_("This customer's data must be kept (legal hold). Release the hold first."))
