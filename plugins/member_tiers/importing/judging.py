"""What a row of a file may make of a membership. Asks no database; dates that are there are ISO texts."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from core.api import ImportRecord, _, site_today

from ..memberships.models import OVER, MembershipKind, MembershipStatus, Tier
from ..memberships.transitions import WORDS, may_come_from_file
from ..seats.services import SOURCE as SEAT
from .pauses import complete_pauses

Problem = tuple[str, str]
SOURCE = "import"
_DAY = dt.timedelta(days=1)
_PAUSE = ("paused_on", "resumes_on")
# An empty cell does not clear these.
_NEVER_EMPTY = ("status", "kind", "source")
_DATED = frozenset({"starts_on", "ends_on", "status", "kind", "counted_until", "pauses", *_PAUSE})


def day_of(value: Any) -> dt.date | None:
    """Return a day that is one, or was written in ISO form."""
    return dt.date.fromisoformat(value) if isinstance(value, str) and value else value or None


class Judge:
    """Judges rows by the tiers of the site and the day."""

    def __init__(self, tiers: Mapping[str, Tier]) -> None:
        self._tiers = tiers
        self._today = site_today()

    def judge(
        self, values: dict[str, Any], record: ImportRecord | None, others: Sequence[ImportRecord]
    ) -> list[Problem]:
        """Complete what would be written and return why it must not be."""
        for name in _NEVER_EMPTY:
            if values.get(name, "") is None:
                del values[name]
        if record is None:
            self._fill(values)
        elif refusal := self._refuse_change(values, record.values):
            return [("", refusal)]
        elif not values.keys() & _DATED:
            return []
        after = {**(record.values if record is not None else {}), **values}
        for name in ("starts_on", "ends_on", "counted_until", *_PAUSE):
            after[name] = day_of(after.get(name))
        refusal = self._refuse_dates(after)
        if not refusal and "pauses" in values:
            refusal = complete_pauses(after, values)
            after["paused_on"] = values.get("paused_on", after["paused_on"])
        refusal = refusal or self._refuse_state(after, values)
        if refusal:
            return [("", refusal)]
        return [("", self._clash())] if self._overlaps(after, others) else []

    def _fill(self, values: dict[str, Any]) -> None:
        values.setdefault("kind", str(MembershipKind.REGULAR))
        values.setdefault("source", SOURCE)
        values.setdefault("status", str(self._by_dates(values)))

    def _by_dates(self, values: Mapping[str, Any]) -> MembershipStatus:
        """Return the state of a stay of which the file says only the days."""
        ends_on = values.get("ends_on")
        if ends_on is None or ends_on >= self._today:
            return MembershipStatus.ACTIVE
        return MembershipStatus.GRACE if self._granted(values) >= self._today else MembershipStatus.EXPIRED

    def _granted(self, values: Mapping[str, Any]) -> dt.date:
        ends_on: dt.date = values["ends_on"]
        regular = values.get("kind") == MembershipKind.REGULAR
        return ends_on + dt.timedelta(days=self._tiers[values["tier"]].grace_days if regular else 0)

    def _refuse_change(self, values: Mapping[str, Any], old: Mapping[str, Any]) -> str:
        if old["source"] == SEAT:
            return _("This membership is a seat of another one. Change that one.")
        if "tier" in values:
            return _("A membership keeps its tier. Change the plan on its page, or give a new one.")
        before = MembershipStatus(old["status"])
        after = MembershipStatus(values.get("status", before))
        if not may_come_from_file(before, after):
            return _(
                "A file cannot make “%(after)s” of what is “%(before)s”. Do that on the membership's page.",
                after=WORDS[after],
                before=WORDS[before],
            )
        if before == MembershipStatus.REFUSED and values.keys() & {"starts_on", "ends_on", "kind"}:
            return _("This application was refused. Give a new membership instead.")
        if before in OVER and after not in OVER and never_counted(old):
            return _("This membership never counted. Give a new one instead.")
        return ""

    def _refuse_dates(self, after: Mapping[str, Any]) -> str:
        ends_on = after["ends_on"]
        if ends_on is not None and ends_on < after["starts_on"]:
            return _("The last day must not be before the first day.")
        if ends_on is None and after["kind"] == MembershipKind.COMPLIMENTARY:
            return _("A complimentary membership needs a last day.")
        return ""

    def _refuse_state(self, after: dict[str, Any], values: dict[str, Any]) -> str:
        """Say why the days and the state do not go together; complete the days that belong to the state."""
        status, ends_on, today = MembershipStatus(after["status"]), after["ends_on"], self._today
        self._leave_out(after, values, status)
        is_past = ends_on is not None and ends_on < today
        match status:
            case MembershipStatus.INVOICED if "status" in values:
                return _("A file brings no invoices. Write “Approved”, then write the invoice here.")
            case MembershipStatus.ACTIVE if is_past:
                return _("The last day has passed. Write “Expired”, or leave the state empty.")
            case MembershipStatus.GRACE if not is_past or self._granted(after) < today:
                return _("By its last day and the tier's days of grace, this membership is not in grace.")
            case MembershipStatus.CANCELLED if ends_on is None or is_past:
                return _("What is cancelled counts until its last day: enter one that has not passed.")
            case MembershipStatus.PAUSED:
                return self._refuse_pause(after, values)
            case MembershipStatus.EXPIRED:
                return self._refuse_end(after, values)
            case MembershipStatus.REFUSED:
                self._never(after, values)
        return ""

    @staticmethod
    def _leave_out(after: Mapping[str, Any], values: dict[str, Any], status: MembershipStatus) -> None:
        """Pass over days that mean nothing in this state; what left the state gives them up."""
        for names, holds in (
            (_PAUSE, status == MembershipStatus.PAUSED),
            (("counted_until",), status in OVER),
        ):
            for name in () if holds else names:
                values.pop(name, None)
                if "status" in values and after[name] is not None:
                    values[name] = None

    def _refuse_pause(self, after: Mapping[str, Any], values: dict[str, Any]) -> str:
        since = after["paused_on"] or self._today
        if not after["starts_on"] <= since <= self._today:
            return _("A pause begins on or after the first day and not after today.")
        if after["resumes_on"] is not None and after["resumes_on"] <= since:
            return _("The day on which a membership goes on must be later than the pause began.")
        if after["paused_on"] is None:
            values["paused_on"] = since
        return ""

    def _refuse_end(self, after: dict[str, Any], values: dict[str, Any]) -> str:
        counted, ends_on = after["counted_until"], after["ends_on"]
        if counted is None or ("counted_until" not in values and "ends_on" in values):
            if ends_on is None or ends_on > self._today:
                return _("What has expired needs a last day that does not lie ahead.")
            counted = values["counted_until"] = ends_on
        if counted < after["starts_on"]:
            self._never(after, values)
        elif counted > self._today:
            return _("What has expired cannot count beyond today.")
        return ""

    @staticmethod
    def _never(after: Mapping[str, Any], values: dict[str, Any]) -> None:
        values["counted_until"] = after["starts_on"] - _DAY

    @staticmethod
    def _overlaps(after: Mapping[str, Any], others: Sequence[ImportRecord]) -> bool:
        """Tell whether the customer has the tier on one of these days already."""
        if after["status"] in OVER:
            return False
        first, last = after["starts_on"], after["ends_on"] or dt.date.max
        return any(
            other.values["tier"] == after["tier"]
            and other.values["status"] not in OVER
            and (day_of(other.values.get("ends_on")) or dt.date.max) >= first
            and (day_of(other.values["starts_on"]) or last) <= last
            for other in others
        )

    @staticmethod
    def _clash() -> str:
        return _("The customer already has this tier in this period. Change that membership's dates.")


def never_counted(values: Mapping[str, Any]) -> bool:
    """Tell whether a membership that is over opened nothing on any day."""
    counted = values.get("counted_until")
    return counted is not None and str(counted) < str(values["starts_on"])
