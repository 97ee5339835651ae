"""What the verbs of imports need of many memberships, each kind of it read in one query."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import select

from core.api import db

from ..memberships.holding import Stay, hold_many, stays_of
from ..memberships.models import Membership, MembershipEvent, MembershipPause, Tier
from ..paying.models import Invoice
from ..seats.models import Seat


def by_customer(stays: Iterable[Stay]) -> Mapping[int, Sequence[Stay]]:
    """Return stays by whose they are."""
    found: dict[int, list[Stay]] = defaultdict(list)
    for stay in stays:
        found[stay.customer_id].append(stay)
    return found


class Held:
    """Memberships that are about to change, locked."""

    def __init__(self, numbers: Collection[int], tiers: Mapping[int, Tier]) -> None:
        self._numbers = list(numbers)
        self.memberships = hold_many(numbers)
        self.tiers = tiers

    @cached_property
    def stays(self) -> Mapping[int, Sequence[Stay]]:
        """What is not over, by customer."""
        return by_customer(stays_of({one.customer_id for one in self.memberships.values()}))

    @cached_property
    def pauses(self) -> Mapping[int, Sequence[MembershipPause]]:
        """All pauses by membership, in their order."""
        query = select(MembershipPause).where(MembershipPause.membership_id.in_(self._numbers))
        found: dict[int, list[MembershipPause]] = defaultdict(list)
        for pause in db.session.scalars(query.order_by(MembershipPause.id)):
            found[pause.membership_id].append(pause)
        return found

    def lasting(self, membership: Membership) -> MembershipPause | None:
        """Return the pause that lasts."""
        pauses = self.pauses.get(membership.id, ())
        return next((pause for pause in pauses if pause.until_on is None), None)

    @cached_property
    def verbs(self) -> Mapping[int, Sequence[str]]:
        """What happened to each, the latest first."""
        event = MembershipEvent
        query = select(event.membership_id, event.verb).where(event.membership_id.in_(self._numbers))
        found: dict[int, list[str]] = defaultdict(list)
        for number, verb in db.session.execute(query.order_by(event.id.desc())):
            found[number].append(verb)
        return found

    @cached_property
    def used(self) -> Collection[int]:
        """Which of them an invoice or a seat belongs to."""
        return {*self._named_by(Invoice), *self._named_by(Seat)}

    def _named_by(self, model: Any) -> Iterable[int]:
        query = select(model.membership_id).where(model.membership_id.in_(self._numbers))
        return db.session.scalars(query.distinct())
