"""Hooks that member_tiers offers to other plugins. See its README."""

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from .paying.ways import PaymentWay

hookspec = pluggy.HookspecMarker("kaiin")


@hookspec
def membership_payment(membership_id: int, amount: int, currency: str) -> "PaymentWay | None":
    """Return a `PaymentWay(title, url, note)` with which a member pays what is open, or None.

    Asked when a member opens an unpaid invoice; `amount` is in minor units of `currency`. The plugin
    finds the invoice with `owed_invoice(membership_id)` of `plugins.member_tiers.api`, keeps its id,
    and tells what became of it with `record_payment(id, amount, key=…)`, `fail_invoice(id, by=None)`
    and `return_payment(id, amount, key=…)`. A key makes a notice count once; notices may come late
    and in any order. Nothing opens before the whole amount is there.
    """
