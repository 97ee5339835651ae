"""What every change of a membership leaves behind: its event, a line on the timeline, an audit entry."""

from collections.abc import Sequence
from typing import Any

from core.api import _l, db, insert_rows, record_activities, record_activity, record_audit, utcnow

from .models import Membership, MembershipEvent, MembershipStatus

ACTIVITY = "member_tiers.tier"

TITLES = {
    "applied": _l("Membership applied for: %(tier)s"),
    "approved": _l("Membership approved: %(tier)s"),
    "refused": _l("Membership refused: %(tier)s"),
    "invoiced": _l("Membership invoiced: %(tier)s"),
    "paid": _l("Membership paid: %(tier)s"),
    "unpaid": _l("Payment of the membership went back: %(tier)s"),
    "given": _l("Membership given: %(tier)s"),
    "rescheduled": _l("Membership dates changed: %(tier)s"),
    "renewed": _l("Membership renewed: %(tier)s"),
    "grace_begun": _l("Membership in grace: %(tier)s"),
    "paused": _l("Membership paused: %(tier)s"),
    "resumed": _l("Membership goes on: %(tier)s"),
    "cancelled": _l("Membership cancelled: %(tier)s"),
    "reinstated": _l("Cancellation of the membership withdrawn: %(tier)s"),
    "ended": _l("Membership ended: %(tier)s"),
    "expired": _l("Membership expired: %(tier)s"),
    "taken_back": _l("Membership taken back: %(tier)s"),
    "imported": _l("Membership from a file: %(tier)s"),
    "import_undone": _l("Membership's import undone: %(tier)s"),
}
# The same in the history of one membership.
STEPS = {
    "carried": _l("Taken over as it was"),
    "applied": _l("Membership applied for"),
    "approved": _l("Membership approved"),
    "refused": _l("Membership refused"),
    "invoiced": _l("Membership invoiced"),
    "paid": _l("Membership paid"),
    "given": _l("Membership given"),
    "rescheduled": _l("Dates of a membership changed"),
    "renewed": _l("Membership renewed"),
    "grace_begun": _l("Days of grace began"),
    "paused": _l("Membership paused"),
    "resumed": _l("Membership goes on"),
    "cancelled": _l("Membership cancelled"),
    "reinstated": _l("Cancellation of a membership withdrawn"),
    "ended": _l("Membership ended"),
    "expired": _l("Membership expired"),
    "taken_back": _l("Membership taken back"),
    "unpaid": _l("Payment of a membership went back"),
    "imported": _l("Brought by a file"),
    "import_undone": _l("Import undone"),
}
# What jobs write down by themselves is no act of staff.
BY_JOBS = ("grace_begun", "expired")
# An import stands in the audit log as a whole.
_NOT_AUDITED = (*BY_JOBS, "imported", "import_undone")


def note_change(
    membership: Membership,
    verb: str,
    before: MembershipStatus | None,
    title: str,
    *,
    by: int | None = None,
    note: str = "",
    on_timeline: bool = True,
) -> None:
    """Write down that `verb` happened to a membership of the tier called `title`."""
    db.session.add(MembershipEvent(**_event(membership, verb, before), account_id=by, note=note))
    db.session.flush()
    data = _data(membership)
    line = {**data, "tier": title}
    if on_timeline:
        record_activity(membership.customer_id, ACTIVITY, TITLES[verb], data=line, by=by)
    if verb not in _NOT_AUDITED:
        target = ("membership", membership.id)
        record_audit(f"member_tiers.membership_{verb}", target=target, by=by, data=data)


def note_imports(
    changes: Sequence[tuple[Membership, MembershipStatus | None, str]],
    verb: str,
    *,
    by: int | None,
    note: str,
) -> None:
    """Do for many what `note_change` does for one: memberships, the state before, the tier's title.

    Of the verbs of imports only, because others stand in the audit log one by one.
    """
    same = {"at": utcnow(), "account_id": by, "note": note}
    insert_rows(MembershipEvent, [{**_event(one, verb, before), **same} for one, before, _title in changes])
    lines = [(one.customer_id, {**_data(one), "tier": title}) for one, _before, title in changes]
    record_activities(lines, ACTIVITY, TITLES[verb], by=by)


def _event(membership: Membership, verb: str, before: MembershipStatus | None) -> dict[str, Any]:
    return {
        "membership_id": membership.id,
        "verb": verb,
        "from_status": before,
        "to_status": membership.status,
        "starts_on": membership.starts_on,
        "ends_on": membership.ends_on,
    }


def _data(membership: Membership) -> dict[str, Any]:
    return {
        "membership_id": membership.id,
        "tier_id": membership.tier_id,
        "starts_on": membership.starts_on.isoformat(),
        "ends_on": membership.ends_on.isoformat() if membership.ends_on else None,
    }
