"""Seats: invited by mail, taken with one's own account, moved and removed; they end with their membership."""

import datetime as dt
import re
from typing import Any

import pytest
from paying_kit import asked, mails_to, open_tier, post
from sqlalchemy import select
from tiers_kit import days, join, make_member

from core.db import db, transaction
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import site_today
from plugins.member_tiers import services as verbs
from plugins.member_tiers.memberships.active_days import active_days
from plugins.member_tiers.memberships.models import MembershipPause, MembershipStatus
from plugins.member_tiers.people import erase
from plugins.member_tiers.queries import current_membership
from plugins.member_tiers.seats import services
from plugins.member_tiers.seats.models import Seat

SITE = "/member-tiers"


@pytest.fixture
def gold(tiers: Any) -> Any:
    """Gold has two further seats."""
    return open_tier(tiers["gold"], seats=2)


@pytest.fixture
def owner(gold: Any) -> Any:
    """A member who holds gold for thirty more days."""
    member = make_member(family_name="山田", given_name="花子")
    self_id = type("Ref", (), {"id": member.customer_id})
    member.held = join(self_id, gold, until=30)
    return member


def offer(owner: Any, email: str = "guest@example.jp") -> str:
    """Offer a seat and return the mailed secret."""
    with transaction():
        services.invite(owner.held.id, email, owner_id=owner.customer_id)
    return str(re.search(r"/seats/accept/(\S+)", mails_to(email)[-1].text)[1])  # type: ignore[index]


def take(owner: Any, guest: Any, email: str = "guest@example.jp") -> Any:
    secret = offer(owner, email)
    with transaction():
        return services.accept(secret, guest.customer_id)


def runs(member: Any) -> bool:
    db.session.expire_all()
    return current_membership(member.customer_id) is not None


def test_an_owner_invites_and_the_guest_accepts_with_an_own_account(
    owner: Any, client: Any, new_client: Any, login: Any
) -> None:
    guest = make_member(family_name="佐藤", given_name="次郎")
    login(client, owner)
    path = f"{SITE}/memberships/{owner.held.id}/seats"
    assert path in client.get(f"{SITE}/memberships").text
    assert post(client, path, email="guest@example.jp") == 303
    secret = re.search(r"/seats/accept/(\S+)", mails_to("guest@example.jp")[-1].text)
    assert secret is not None and not runs(guest)
    other = new_client()
    login(other, guest)
    invitation = f"{SITE}/seats/accept/{secret[1]}"
    assert "山田 花子" in other.get(invitation).text and not runs(guest)
    assert post(other, invitation) == 303
    assert runs(guest) and "佐藤 次郎" in client.get(path).text
    assert other.get(invitation).status_code == 404
    assert asked(guest.customer_id).ends_on == owner.held.ends_on


def test_guests_log_in_first_and_come_back_to_the_invitation(owner: Any, client: Any) -> None:
    secret = offer(owner)
    answer = client.get(f"{SITE}/seats/accept/{secret}")
    assert answer.status_code == 302 and "/login" in answer.location and secret in answer.location


@pytest.mark.parametrize("email", ["", "nobody", "x" * 400, "a@b\0.jp", "山田"])
def test_wrong_addresses_are_refused(owner: Any, client: Any, login: Any, email: str) -> None:
    login(client, owner)
    assert post(client, f"{SITE}/memberships/{owner.held.id}/seats", email=email) in (400, 422)
    assert not db.session.scalars(select(Seat)).all()


def test_there_are_only_so_many_seats_and_one_for_each_address(owner: Any, client: Any, login: Any) -> None:
    login(client, owner)
    path = f"{SITE}/memberships/{owner.held.id}/seats"
    assert post(client, path, email="a@example.jp") == 303
    assert post(client, path, email="A@example.jp") == 422
    assert post(client, path, email="b@example.jp") == 303
    assert post(client, path, email="c@example.jp") == 422
    assert len(db.session.scalars(select(Seat)).all()) == 2


def test_nobody_sits_on_their_own_seat_or_twice(owner: Any) -> None:
    guest = make_member()
    take(owner, guest)
    for customer_id in (owner.customer_id, guest.customer_id):
        secret = offer(owner, f"{customer_id}@example.jp")
        with pytest.raises((Conflict, ValidationFailed)), transaction():
            services.accept(secret, customer_id)
        seat = db.session.scalars(select(Seat).order_by(Seat.id.desc())).first()
        with transaction():
            services.remove(seat.id, owner_id=owner.customer_id)  # type: ignore[union-attr]


def test_a_removed_seat_closes_at_once_and_can_be_given_again(owner: Any, client: Any, login: Any) -> None:
    guest, other = make_member(), make_member()
    take(owner, guest)
    seat = db.session.scalars(select(Seat)).one()
    login(client, owner)
    assert post(client, f"{SITE}/seats/{seat.id}/move", email="other@example.jp") == 303
    assert not runs(guest) and mails_to(guest.email)
    secret = re.search(r"/seats/accept/(\S+)", mails_to("other@example.jp")[-1].text)[1]  # type: ignore[index]
    with transaction():
        services.accept(secret, other.customer_id)
    assert runs(other)
    newest = db.session.scalars(select(Seat).order_by(Seat.id.desc())).first()
    assert post(client, f"{SITE}/seats/{newest.id}/remove") == 303  # type: ignore[union-attr]
    assert not runs(other)


def test_the_seats_of_others_are_not_there(owner: Any, client: Any, login: Any) -> None:
    guest = make_member()
    take(owner, guest)
    seat = db.session.scalars(select(Seat)).one()
    for stranger in (make_member(), guest):
        login(client, stranger)
        assert client.get(f"{SITE}/memberships/{owner.held.id}/seats").status_code == 404
        assert post(client, f"{SITE}/memberships/{owner.held.id}/seats", email="x@example.jp") == 404
        assert post(client, f"{SITE}/seats/{seat.id}/remove") == 404
        assert post(client, f"{SITE}/seats/{seat.id}/move", email="x@example.jp") == 404
        client.post("/logout")
    assert runs(guest) and len(db.session.scalars(select(Seat)).all()) == 1
    # Who sits on a seat gives none on.
    given = asked(guest.customer_id)
    login(client, guest)
    assert client.get(f"{SITE}/memberships/{given.id}/seats").status_code == 404


class TestFollowing:
    """Whatever happens to the owner's membership happens to the seats."""

    @pytest.fixture
    def guest(self, owner: Any) -> Any:
        member = make_member()
        take(owner, member)
        return member

    @pytest.mark.parametrize("verb", ["expire", "take_back", "pause"])
    def test_what_closes_the_owners_membership_closes_the_seat(
        self, owner: Any, guest: Any, verb: str
    ) -> None:
        assert runs(guest)
        with transaction():
            getattr(verbs, verb)(owner.held.id)
        assert not runs(owner) and not runs(guest)

    def test_a_cancelled_one_counts_until_its_paid_end(self, owner: Any, guest: Any) -> None:
        with transaction():
            verbs.cancel(owner.held.id)
        held = asked(guest.customer_id)
        assert held.status == MembershipStatus.CANCELLED and held.granted_until == owner.held.ends_on

    def test_a_renewal_and_a_new_tier_are_followed(self, owner: Any, guest: Any, tiers: Any) -> None:
        later = site_today() + days(400)
        with transaction():
            verbs.renew(owner.held.id, ends_on=later)
        assert asked(guest.customer_id).ends_on == later

    def test_a_pause_is_kept_with_the_seat_and_ends_with_it(self, owner: Any, guest: Any) -> None:
        with transaction():
            verbs.pause(owner.held.id)
        given = asked(guest.customer_id)
        lasting = select(MembershipPause).where(MembershipPause.membership_id == given.id)
        assert db.session.scalars(lasting).one().until_on is None
        with transaction():
            db.session.execute(
                MembershipPause.__table__.update().values(from_on=site_today() - dt.timedelta(days=3))  # type: ignore[attr-defined]
            )
        with transaction():
            verbs.resume(owner.held.id)
        db.session.expire_all()
        assert db.session.scalars(lasting).one().until_on == site_today() - dt.timedelta(days=1)
        assert runs(guest)
        assert active_days is not None

    def test_dates_that_pass_close_it_without_a_job(self, owner: Any, guest: Any) -> None:
        given = asked(guest.customer_id)
        assert given.is_running(owner.held.ends_on) and not given.is_running(owner.held.ends_on + days(1))

    def test_an_erased_owner_takes_the_seats_along(self, owner: Any, guest: Any) -> None:
        with transaction():
            erase(owner.customer_id)
        assert not runs(guest)
        assert not db.session.scalars(select(Seat)).all()

    def test_an_erased_guest_frees_the_seat(self, owner: Any, guest: Any) -> None:
        from core.customers.erasing import erase_customer

        with transaction():
            erase_customer(guest.customer_id, by=None)
        db.session.expire_all()
        assert not db.session.scalars(select(Seat)).all()


def test_an_old_invitation_opens_nothing(owner: Any) -> None:
    secret = offer(owner)
    with transaction():
        db.session.scalars(select(Seat)).one().expires_at = dt.datetime.now(dt.UTC) - days(1)
    with pytest.raises(NotFound), transaction():
        services.accept(secret, make_member().customer_id)
