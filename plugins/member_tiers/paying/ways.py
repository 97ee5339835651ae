"""Ways to pay that other plugins offer, through the hook `membership_payment`."""

from collections.abc import Sequence

from core.api import collect, view_object

from .models import Invoice


@view_object
class PaymentWay:
    """A way to pay online: what the button says and where it leads."""

    title: str
    url: str
    note: str = ""


def payment_ways(invoice: Invoice) -> Sequence[PaymentWay]:
    """Return what other plugins offer for an invoice that is still to be paid."""
    if not invoice.is_owed or invoice.membership_id is None:
        return ()
    offered = collect(
        "membership_payment",
        membership_id=invoice.membership_id,
        amount=invoice.due,
        currency=invoice.currency,
    )
    return tuple(way for _plugin, way in offered if isinstance(way, PaymentWay))
