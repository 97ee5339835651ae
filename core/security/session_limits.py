"""How long a session lives: the owner's settings, held within bounds whatever is stored."""

import datetime as dt
from dataclasses import dataclass

from core.accounts.models import RoleKind
from core.i18n import _l
from core.settings.models import SiteSettings

STAFF_KINDS = (RoleKind.OWNER, RoleKind.STAFF)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most that a setting may be."""

    least: int
    most: int

    def hold(self, value: int) -> int:
        """Return the value, moved into the bounds."""
        return min(max(value, self.least), self.most)


IDLE_MINUTES = Bounds(5, 720)
STAFF_IDLE_MINUTES = Bounds(5, 120)
HOURS = Bounds(1, 72)
REMEMBER_DAYS = Bounds(0, 31)
MOST_SESSIONS = 99
END_OLDEST, REFUSE, ASK = "end_oldest", "refuse", "ask"
LIMIT_POLICIES = (
    (END_OLDEST, _l("Log out the device that was used longest ago")),
    (ASK, _l("Ask which device to log out")),
    (REFUSE, _l("Refuse the new log-in")),
)


def idle_limit(site: SiteSettings, kind: str) -> dt.timedelta:
    """Return how long a session of this kind of role may rest."""
    if kind not in STAFF_KINDS:
        return dt.timedelta(minutes=IDLE_MINUTES.hold(site.session_idle_minutes))
    return dt.timedelta(minutes=STAFF_IDLE_MINUTES.hold(site.staff_idle_minutes))


def absolute_limit(site: SiteSettings) -> dt.timedelta:
    """Return how long a session may live, however much it is used."""
    return dt.timedelta(hours=HOURS.hold(site.session_hours))


def remember_limit(site: SiteSettings, kind: str) -> dt.timedelta:
    """Return how long a device is remembered; nothing for staff, and where the owner wants none."""
    days = REMEMBER_DAYS.hold(site.remember_days) if kind not in STAFF_KINDS else 0
    return dt.timedelta(days=days)


def most_sessions(site: SiteSettings, kind: str) -> int | None:
    """Return how many browsers a role's account may be logged in on at a time; None is any number."""
    return held_number(site.session_limits.get(kind) or 0)


def held_number(most: int) -> int | None:
    """Return a number of browsers within the bounds; None, any number, for 0 and less."""
    return min(most, MOST_SESSIONS) if most > 0 else None
