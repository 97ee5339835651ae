"""Metered reading for the leak test: a guest and a member who have read all that they may this month."""

from sqlalchemy import delete

from core.api import Garden, _l, db, site_today

from ..rules.metering import cookie_for, month_of
from ..rules.models import GUEST, MEMBER, MeteredRead, ReadAllowance
from ..rules.services import save_rule

# More than the site's own metered pages that are read during a test.
ALLOWED = 100
READ_UP_GUEST, READ_UP_MEMBER = "read-up-guest", "read-up-member"
METERED = "leak-test-metered"
_READ = [("leak_test", number) for number in range(1, ALLOWED + 1)]


def plant_metered(garden: Garden) -> None:
    """Plant two who have no reading left, and a metered rule."""
    # Whoever has a tier may read no fewer than members without.
    db.session.execute(delete(ReadAllowance))
    db.session.add_all(ReadAllowance(who=who, per_month=ALLOWED) for who in (GUEST, MEMBER))
    member = garden.person(READ_UP_MEMBER, _l("Member who has read all that they may"))
    month = month_of(site_today())
    for kind, number in _READ:
        db.session.add(MeteredRead(customer_id=member, month=month, content_kind=kind, content_id=number))
    garden.guest(READ_UP_GUEST, _l("Guest who has read all that they may"), cookie_for(_READ))
    save_rule({"key": METERED, "title": METERED, "condition": {"any": []}, "is_metered": True})


def announce_metered(garden: Garden) -> None:
    """Announce the metered rule, once everybody is there: it lets all read who have some left."""
    names = {one.name for one in garden.people}
    garden.add_rule(METERED, (), detail=METERED, reads=names - {READ_UP_GUEST, READ_UP_MEMBER})
