"""The one table of what may happen to a membership in which state, and where it leads.

Nothing that has not been paid, or is past due, leads to a state that counts but by payment
(`pay`), by staff who give it (`renew`), or by its going on after a pause.
"""

from collections.abc import Mapping
from types import MappingProxyType

from core.api import Conflict, _, _l

from .models import MembershipStatus as S

TRANSITIONS: Mapping[str, Mapping[S, S]] = MappingProxyType(
    {
        "approve": {S.APPLIED: S.APPROVED},
        "refuse": {S.APPLIED: S.REFUSED, S.APPROVED: S.REFUSED, S.INVOICED: S.REFUSED},
        "invoice": {S.APPROVED: S.INVOICED},
        "pay": {S.APPROVED: S.ACTIVE, S.INVOICED: S.ACTIVE},
        # Money that went back closes what it had opened.
        "unpay": {
            S.ACTIVE: S.INVOICED,
            S.GRACE: S.INVOICED,
            S.PAUSED: S.INVOICED,
            S.CANCELLED: S.EXPIRED,
        },
        "begin_grace": {S.ACTIVE: S.GRACE},
        "pause": {S.ACTIVE: S.PAUSED},
        "resume": {S.PAUSED: S.ACTIVE},
        "cancel": {
            S.ACTIVE: S.CANCELLED,
            # Past due or never paid: there is no paid time left that could be kept.
            S.GRACE: S.EXPIRED,
            S.PAUSED: S.EXPIRED,
            S.APPLIED: S.EXPIRED,
            S.APPROVED: S.EXPIRED,
            S.INVOICED: S.EXPIRED,
        },
        "reinstate": {S.CANCELLED: S.ACTIVE},
        "renew": {S.ACTIVE: S.ACTIVE, S.GRACE: S.ACTIVE, S.CANCELLED: S.ACTIVE},
        "change_plan": {S.ACTIVE: S.ACTIVE},
        # Staff may give new dates, also to what is over, but never to what was refused.
        "reschedule": {
            **{status: status for status in S if status not in (S.GRACE, S.EXPIRED, S.REFUSED)},
            S.GRACE: S.ACTIVE,
            S.EXPIRED: S.ACTIVE,
        },
        "expire": {
            S.ACTIVE: S.EXPIRED,
            S.GRACE: S.EXPIRED,
            S.CANCELLED: S.EXPIRED,
            S.PAUSED: S.EXPIRED,
            S.APPLIED: S.EXPIRED,
            S.APPROVED: S.EXPIRED,
            S.INVOICED: S.EXPIRED,
        },
        "take_back": {status: S.EXPIRED for status in S if status not in (S.REFUSED, S.EXPIRED)},
    }
)

# What a file may make of a membership in each state; of None: as what it may add one. An application
# is decided, and money is recorded, on their own pages, so a file does neither.
_FROM_FILE: Mapping[S | None, frozenset[S]] = MappingProxyType(
    {
        None: frozenset(status for status in S if status != S.INVOICED),
        S.ACTIVE: frozenset({S.PAUSED, S.CANCELLED, S.EXPIRED}),
        S.GRACE: frozenset({S.ACTIVE, S.EXPIRED}),
        S.PAUSED: frozenset({S.ACTIVE, S.EXPIRED}),
        S.CANCELLED: frozenset({S.ACTIVE, S.EXPIRED}),
        S.EXPIRED: frozenset({S.ACTIVE}),
    }
)

WORDS = {
    S.APPLIED: _l("Applied"),
    S.APPROVED: _l("Approved"),
    S.INVOICED: _l("Invoiced"),
    S.ACTIVE: _l("Active"),
    S.GRACE: _l("In grace"),
    S.PAUSED: _l("Paused"),
    S.CANCELLED: _l("Cancelled, paid up"),
    S.EXPIRED: _l("Expired"),
    S.REFUSED: _l("Refused"),
}


def is_allowed(verb: str, status: S) -> bool:
    """Tell whether `verb` may happen to a membership in this state."""
    return status in TRANSITIONS[verb]


def target(verb: str, status: S) -> S:
    """Return the state that `verb` leads to; raise Conflict when it may not happen."""
    after = TRANSITIONS[verb].get(status)
    if after is None:
        raise Conflict(
            _("This membership's state is “%(state)s”, so this cannot be done.", state=WORDS[status])
        )
    return after


def may_come_from_file(before: S | None, after: S) -> bool:
    """Tell whether a file may make a membership in the state `before` one in the state `after`."""
    return before == after or after in _FROM_FILE.get(before, frozenset())
