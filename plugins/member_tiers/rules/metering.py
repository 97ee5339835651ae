"""Metered reading: so many pages and files a month for whom no rule lets in, each counted once a month.

What members read is kept in the database. What a guest read stands in a signed cookie of theirs
and goes over to the member at their first reading after the log-in. A guest who throws the cookie
away begins anew: metering invites, it does not protect.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask import Response, after_this_request, current_app, g, request
from sqlalchemy import delete, func, select

from core.api import (
    Access,
    ContentRef,
    Customer,
    _,
    _l,
    current_snapshot,
    db,
    ngettext,
    sign,
    site_today,
    transaction,
    unsign,
    utcnow,
)

from ..settings import PLUGIN
from ..viewer import standing
from .models import GUEST, MEMBER, MeteredRead, ReadAllowance
from .policies import policy_of

PURPOSE = "metered-reads"
# The cookie stays below what browsers take.
_MAX_KEPT = 150
Read = tuple[str, int]
_METERED = _l("Metered, within the month's allowance.")


def month_of(day: dt.date) -> dt.date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def allowances() -> dict[str, int]:
    """Return how many metered pages a month may be read, by tier key, `member` and `guest`."""
    found: dict[str, int] = current_snapshot().memo((PLUGIN, "allowances"), _read_allowances)
    return found


def _read_allowances() -> dict[str, int]:
    query = select(ReadAllowance.who, ReadAllowance.per_month)
    return {row.who: row.per_month for row in db.session.execute(query)}


def allowance_of(member: int | None) -> int:
    """Return how many metered pages a month somebody may read: of their tier, else what every member may."""
    found = allowances()
    if member is None:
        return found.get(GUEST, 0)
    tier = standing(member).tier_key
    return max(found.get(MEMBER, 0), found.get(tier, 0) if tier is not None else 0)


def read_metered(content: ContentRef, member: int | None, *, counts: bool = True) -> Access | None:
    """Let somebody read a metered page, or have a file, while they have some left this month; count it.

    Without `counts` nothing is written: only whether they may, and how many they have left.
    """
    policy = policy_of(content)
    if policy is None or not policy.is_metered or not policy.is_scheduled(utcnow()):
        return None
    allowed = allowance_of(member)
    if not allowed:
        return None
    g.answer_varies = True
    read = (content.kind, content.id)
    if not counts:
        return _ask(read, member, allowed)
    count = _count_guest(read, allowed) if member is None else _count_member(read, member, allowed)
    if count is None:
        return None
    return Access(True, _METERED, message=_notice(allowed - count))


def _ask(read: Read, member: int | None, allowed: int) -> Access | None:
    """Return what would be granted; what a guest read counts on for the member."""
    earlier = set(guest_reads())
    seen = earlier if member is None else reads_of(member, month_of(site_today())) | earlier
    if read in seen:
        return Access(True, _METERED, message=_("It counts for this month already, and only once."))
    if len(seen) >= allowed:
        return None
    left = ngettext(
        "Without joining you can open %(num)s more page or file this month. This would be one.",
        "Without joining you can open %(num)s more pages or files this month. This would be one.",
        allowed - len(seen),
    )
    return Access(True, _METERED, message=left)


def _notice(left: int) -> str:
    if not left:
        return _("This is the last page that you can read this month without joining.")
    return ngettext(
        "You can read %(num)s more page this month without joining.",
        "You can read %(num)s more pages this month without joining.",
        left,
    )


def reads_of(member: int, month: dt.date) -> set[Read]:
    """Return what a member read in a month."""
    query = select(MeteredRead.content_kind, MeteredRead.content_id)
    found = db.session.execute(
        query.where(MeteredRead.customer_id == member, MeteredRead.month == month).order_by(MeteredRead.id)
    )
    return {(kind, content_id) for kind, content_id in found}


def _count_member(read: Read, member: int, allowed: int) -> int | None:
    """Return how many pages the member has read with this one, None when it would be one too many."""
    month, earlier = month_of(site_today()), guest_reads()
    seen = reads_of(member, month)
    if read in seen and not earlier:
        return len(seen)
    with transaction():
        # Two pages opened at once must not both be the last one.
        db.session.execute(select(Customer.id).where(Customer.id == member).with_for_update())
        seen = reads_of(member, month)
        new = [one for one in earlier if one not in seen]
        fits = read in seen or read in new or len(seen) + len(new) < allowed
        if fits and read not in seen and read not in new:
            new.append(read)
        db.session.add_all(
            MeteredRead(customer_id=member, month=month, content_kind=kind, content_id=content_id)
            for kind, content_id in new
        )
    if earlier:
        after_this_request(_without_cookie)
    return len(seen) + len(new) if fits else None


def _count_guest(read: Read, allowed: int) -> int | None:
    seen = guest_reads()
    if read not in seen:
        if len(seen) >= allowed:
            return None
        seen = [*seen, read]
        token = _token(seen)
        after_this_request(lambda response: _with_cookie(response, token))
    return len(seen)


def _token(seen: Sequence[Read]) -> str:
    kept = [list(one) for one in seen[-_MAX_KEPT:]]
    return sign(PURPOSE, [month_of(site_today()).isoformat(), kept])


def cookie_for(seen: Sequence[Read]) -> str:
    """Return what the browser of a guest sends who has read these pages this month."""
    return f"{cookie_name()}={_token(seen)}"


def guest_reads() -> Sequence[Read]:
    """Return what the visitor's cookie says they read this month; a forged one says nothing."""
    data = unsign(PURPOSE, request.cookies.get(cookie_name(), ""), max_age=32 * 24 * 3600)
    if not isinstance(data, list) or len(data) != 2 or data[0] != month_of(site_today()).isoformat():
        return []
    return [(kind, content_id) for kind, content_id in data[1]]


def cookie_name() -> str:
    """Return the name of the cookie that remembers what a guest read."""
    return "__Host-kaiin_reads" if current_app.config.get("SESSION_COOKIE_SECURE") else "kaiin_reads"


def _with_cookie(response: Response, token: str) -> Response:
    response.set_cookie(cookie_name(), token, max_age=32 * 24 * 3600, **_kind())
    return response


def _without_cookie(response: Response) -> Response:
    response.delete_cookie(cookie_name(), **_kind())
    return response


def _kind() -> dict[str, Any]:
    is_secure = bool(current_app.config.get("SESSION_COOKIE_SECURE"))
    return {"httponly": True, "samesite": "Lax", "secure": is_secure}


def forget_old_reads(today: dt.date, limit: int = 5000) -> int:
    """Delete reads of months before the last one; return how many. Needs a transaction."""
    oldest = month_of(month_of(today) - dt.timedelta(days=1))
    ids = db.session.scalars(select(MeteredRead.id).where(MeteredRead.month < oldest).limit(limit)).all()
    db.session.execute(delete(MeteredRead).where(MeteredRead.id.in_(ids)))
    return len(ids)


def count_reads(month: dt.date) -> int:
    """Return how many metered readings members had in a month."""
    query = select(func.count()).select_from(MeteredRead).where(MeteredRead.month == month)
    return db.session.scalar(query) or 0
