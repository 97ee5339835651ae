"""A banner for staff while the work on memberships is late. What is over is closed all the same."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, literal, select

from core.api import StaffNotice, ngettext, site_today

from ..declarations import MEMBERSHIPS_EDIT
from .models import COUNTING, Membership, MembershipPause, MembershipStatus

CAP = 100


def staff_notices(account: Any) -> Sequence[StaffNotice]:
    """Return the banner, for those who may act on it."""
    if not account.can(MEMBERSHIPS_EDIT):
        return []
    return [
        StaffNotice(_late(), _words, "member_tiers_admin.memberships", "danger", "hourglass", is_banner=True)
    ]


def _late() -> Any:
    """Count what the hourly job should have written down a day ago or longer, up to a cap."""
    since = site_today() - dt.timedelta(days=1)
    over = select(literal(1).label("one")).where(
        Membership.status.in_(COUNTING), Membership.granted_until < since
    )
    resting = (
        select(literal(1).label("one"))
        .join_from(MembershipPause, Membership, Membership.id == MembershipPause.membership_id)
        .where(
            MembershipPause.until_on.is_(None),
            MembershipPause.resumes_on < since,
            Membership.status == MembershipStatus.PAUSED,
        )
    )
    rows = over.limit(CAP).subquery(), resting.limit(CAP).subquery()
    first, second = (select(func.count()).select_from(part).scalar_subquery() for part in rows)
    return select(first + second)


def _words(count: int) -> str:
    return ngettext(
        "The work on memberships is late: %(num)s membership waits since yesterday or longer. "
        "What has expired opens nothing all the same. Is the worker running?",
        "The work on memberships is late: %(num)s memberships wait since yesterday or longer. "
        "What has expired opens nothing all the same. Is the worker running?",
        count,
    )
