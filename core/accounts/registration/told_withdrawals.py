"""What customers tell staff about their consents: that they take one back, by phone or letter."""

from core.accounts.registration.consent_queries import ConsentView, consent_views
from core.accounts.registration.consents import TOLD_STAFF, Answer, record_answers
from core.activity.services import record_audit
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import _

MAX_REASON = 500


def find_to_take_back(customer_id: int, kind: str) -> ConsentView:
    """Return a consent that the customer gave and may take back; raise NotFound or Conflict."""
    found = next((view for view in consent_views(customer_id) if view.kind == kind and view.answers), None)
    if found is None:
        raise NotFound(_("This person never answered this text."))
    if not found.agreed:
        raise Conflict(_("This person does not agree to it any more."))
    if not found.can_be_taken_back:
        raise Conflict(_("The membership needs this. It is taken back by ending the membership."))
    return found


def take_back_as_told(customer_id: int, kind: str, reason: str, *, by: int) -> ConsentView:
    """Note that a customer took a consent back, and how staff know. Needs a transaction.

    The reason stands in the timeline, which goes with the person; the audit log says only who noted
    what about whom. Raises NotFound, Conflict, ValidationFailed.
    """
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise ValidationFailed({"reason": _("Write down in a few words how you were told.")})
    found = find_to_take_back(customer_id, kind)
    answer = Answer(kind, found.answers[0].version, False)
    record_answers(customer_id, [answer], TOLD_STAFF, by=by, note=reason)
    record_audit(
        "customer.consent_taken_back",
        target=("customer", customer_id),
        by=by,
        data={"text": kind, "version": answer.version},
    )
    return found
