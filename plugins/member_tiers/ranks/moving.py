"""A change of rank is a change of membership, by the verbs that everything else uses."""

import datetime as dt
from typing import Any

from core.api import _, format_date

from ..memberships.changing import change_tier
from ..memberships.giving import give_membership
from ..memberships.models import Membership
from ..memberships.staying import expire
from .judging import SOURCE, Board

_DAY = dt.timedelta(days=1)


def move(board: Board, row: Any, closing: dt.date) -> Membership:
    """Do what `judging` found for one customer, from today on. Needs an open `transaction()`.

    Raises Conflict or ValidationFailed when the membership no longer allows it.
    """
    note = _(
        "By the ranks of “%(ladder)s”, as of %(day)s", ladder=board.ladder.title, day=format_date(closing)
    )
    if row.own_id is None:
        return give_membership(row.customer_id, row.to_tier_id, source=SOURCE, note=note)
    if not row.is_given:
        # What they hold from elsewhere ranks higher than what they meet.
        return expire(row.own_id, note=note, at_once=True)
    return change_tier(row.own_id, row.to_tier_id, note=note, source=SOURCE)
