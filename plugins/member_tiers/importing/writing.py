"""The verbs of imports: take memberships in, change them, and take both back. They need a `transaction()`.

What they may do stands in the table of `transitions`; each leaves its event in the history. Each takes
many: what they need is read at once (`held`), and what they write is written at once.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table

from core.api import (
    Conflict,
    ImportJob,
    ImportRecord,
    KaiinError,
    NotFound,
    _,
    db,
    insert_rows,
    reserve_ids,
    site_today,
)

from ..memberships.history import BY_JOBS, note_imports
from ..memberships.holding import Stay, check_dates, grant_until, hold_customers, stays_of
from ..memberships.models import OVER, Membership, MembershipPause, MembershipStatus, Tier
from ..memberships.staying import leave_out_gap
from ..memberships.transitions import WORDS, may_come_from_file
from .held import Held, by_customer
from .judging import day_of
from .pause_rows import follow_pause, number_pauses, pauses_of, restore_pause, set_pauses
from .records import record_of

Tiers = Mapping[int, Tier]
Values = Mapping[str, Any]
IMPORTED, UNDONE = "imported", "import_undone"
_DAY = dt.timedelta(days=1)
_PLAIN = ("kind", "source")
_BY_DAYS = (MembershipStatus.GRACE, MembershipStatus.EXPIRED)
_COLUMNS = (
    *("id", "customer_id", "tier_id", "starts_on", "ends_on", "granted_until"),
    *("status", "kind", "source", "note", "replaces_id"),
)


def take_in_all(
    rows: Sequence[tuple[int, int, Values]], tiers: Tiers, job: ImportJob
) -> list[ImportRecord | KaiinError]:
    """Add memberships as a file has them; `rows` are customer, tier and values, each of another customer."""
    there = hold_customers({customer_id for customer_id, _tier, _values in rows})
    stays = by_customer(stays_of(there))
    refused: dict[int, KaiinError] = {}
    made: dict[int, Membership] = {}
    for place, (customer_id, tier_id, values) in enumerate(rows):
        try:
            if customer_id not in there:
                raise NotFound(_("This customer does not exist."))
            made[place] = take_in(customer_id, tiers[tier_id], values, stays.get(customer_id, ()))
        except KaiinError as refusal:
            refused[place] = refusal
    _insert(made.values(), [rows[place][2] for place in made])
    note_imports(
        [(one, None, tiers[one.tier_id].title) for one in made.values()], IMPORTED, by=job.by, note=_said(job)
    )
    return [
        refused[place] if place in refused else _record(made[place], tiers, values)
        for place, (_customer, _tier, values) in enumerate(rows)
    ]


def take_in(customer_id: int, tier: Tier, values: Values, stays: Sequence[Stay]) -> Membership:
    """Return a membership as a file has it, checked against what the customer has, and not yet written."""
    status = MembershipStatus(values["status"])
    if not may_come_from_file(None, status):
        raise Conflict(_("A file cannot bring memberships in this state."))
    membership = Membership(
        customer_id=customer_id,
        tier_id=tier.id,
        starts_on=values["starts_on"],
        ends_on=values.get("ends_on"),
        status=status,
        kind=values["kind"],
        source=values["source"],
        note=values.get("note") or "",
    )
    if status in OVER:
        # What is over lies over nothing.
        membership.granted_until = values["counted_until"]
    else:
        grant_until(membership, tier)
        check_dates(membership, stays)
    return membership


def _insert(memberships: Iterable[Membership], values: Sequence[Values]) -> None:
    new = list(memberships)
    numbers = reserve_ids(cast(Table, Membership.__table__), len(new))
    for membership, number in zip(new, numbers, strict=True):
        membership.id = number
    insert_rows(Membership, [{name: getattr(one, name) for name in _COLUMNS} for one in new])
    insert_rows(
        MembershipPause,
        [
            {"membership_id": one.id, "from_on": first, "until_on": last, "resumes_on": resumes}
            for one, said in zip(new, values, strict=True)
            for first, last, resumes in pauses_of(said)
        ],
    )


def _record(membership: Membership, tiers: Tiers, values: Values) -> ImportRecord:
    return record_of(membership, tiers[membership.tier_id], pauses_of(values))


def change_all(
    changes: Sequence[tuple[int, Values]], tiers: Tiers, job: ImportJob
) -> list[KaiinError | None]:
    """Change memberships as a file has them."""
    return _move(_change, changes, Held([number for number, _values in changes], tiers), IMPORTED, job)


def take_back_all(numbers: Sequence[int], tiers: Tiers, job: ImportJob) -> list[KaiinError | None]:
    """Let memberships that a file brought never have counted; rows and history stay."""
    work: list[tuple[int, Values]] = [(number, {}) for number in numbers]
    return _move(_take_back, work, Held(numbers, tiers), UNDONE, job)


def put_back_all(
    changes: Sequence[tuple[int, Values]], tiers: Tiers, job: ImportJob
) -> list[KaiinError | None]:
    """Give memberships the days, the state and the rest that they had before a file changed them."""
    return _move(_put_back, changes, Held([number for number, _values in changes], tiers), UNDONE, job)


def _move(
    verb: Callable[[Membership, Values, Held], MembershipStatus],
    work: Sequence[tuple[int, Values]],
    held: Held,
    event: str,
    job: ImportJob,
) -> list[KaiinError | None]:
    answers: list[KaiinError | None] = []
    done: list[tuple[Membership, MembershipStatus | None, str]] = []
    with db.session.no_autoflush:
        for number, values in work:
            membership = held.memberships.get(number)
            if membership is None:
                answers.append(NotFound(_("This membership does not exist.")))
                continue
            try:
                before = verb(membership, values, held)
            except KaiinError as refusal:
                # What the verb had set of it already must not be written.
                db.session.expire(membership)
                answers.append(refusal)
                continue
            answers.append(None)
            done.append((membership, before, held.tiers[membership.tier_id].title))
        number_pauses()
    db.session.flush()
    note_imports(done, event, by=job.by, note=_said(job))
    return answers


def _change(membership: Membership, values: Values, held: Held) -> MembershipStatus:
    before = membership.status_on(site_today())
    after = MembershipStatus(values.get("status", before))
    if not may_come_from_file(before, after):
        raise Conflict(
            _("This membership's state is “%(state)s”, so this cannot be done.", state=WORDS[before])
        )
    counted_until = membership.granted_until
    _write(membership, held, values, after)
    if "pauses" in values:
        set_pauses(membership, held, values)
        return before
    if before in OVER and after not in OVER:
        leave_out_gap(membership, counted_until)
    follow_pause(membership, held, values, after)
    return before


def _take_back(membership: Membership, _values: Values, held: Held) -> MembershipStatus:
    before = MembershipStatus(membership.status)
    _refuse_used(membership, held)
    if membership.id in held.used:
        raise Conflict(_("An invoice or a seat belongs to this membership."))
    if before != MembershipStatus.REFUSED:
        membership.status = MembershipStatus.EXPIRED
    membership.granted_until = membership.starts_on - _DAY
    return before


def _put_back(membership: Membership, values: Values, held: Held) -> MembershipStatus:
    before = MembershipStatus(membership.status)
    _refuse_used(membership, held)
    after = MembershipStatus(values.get("status") or before)
    # Whatever the days have made of it meanwhile is no reason to leave it so.
    if not may_come_from_file(after, before) and before not in _BY_DAYS:
        raise Conflict(
            _("This membership's state is “%(state)s”, so this cannot be done.", state=WORDS[before])
        )
    days = {name: day_of(values[name]) for name in _DAYS if name in values}
    _write(membership, held, {**values, **days}, after)
    if "pauses" in values:
        set_pauses(membership, held, {**values, **days})
    elif "paused_on" in values or "resumes_on" in values:
        restore_pause(membership, held, days, after)
    return before


_DAYS = ("starts_on", "ends_on", "counted_until", "paused_on", "resumes_on")


def _write(membership: Membership, held: Held, values: Values, after: MembershipStatus) -> None:
    for name in ("starts_on", "ends_on", *_PLAIN):
        if name in values:
            setattr(membership, name, values[name] or (None if name == "ends_on" else ""))
    if "note" in values:
        membership.note = values["note"] or ""
    membership.status = after
    if after not in OVER:
        grant_until(membership, held.tiers[membership.tier_id])
        check_dates(membership, held.stays.get(membership.customer_id, ()))
    elif "counted_until" in values:
        membership.granted_until = values["counted_until"]


def _refuse_used(membership: Membership, held: Held) -> None:
    """Raise Conflict when somebody did something with a membership since a file touched it."""
    for verb in held.verbs.get(membership.id, ()):
        if verb in (IMPORTED, UNDONE):
            return
        if verb not in BY_JOBS:
            raise Conflict(_("Somebody changed this membership since."))


def _said(job: ImportJob) -> str:
    return _("Import %(number)s", number=job.import_id)
