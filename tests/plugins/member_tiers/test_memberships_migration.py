"""Revision 0003 takes over the tiers and memberships that there were, and hands them back."""

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.exc import DatabaseError

from core.db import db, transaction
from core.plugin_host import migrations
from core.plugin_host.schema_version import Owner
from core.testing.factories import make_customer
from plugins import member_tiers
from plugins.member_tiers.models import Ladder, Membership, MembershipEvent, Tier
from plugins.member_tiers.queries import current_membership, list_tiers

OWNER = Owner("member_tiers", Path(member_tiers.__file__).parent / "migrations" / "versions")


def go(direction, revision):
    with migrations._migrating() as connection:
        direction(migrations._config(OWNER, connection), revision)


@pytest.fixture
def before(tiers_on):
    """The site as 0002 left it: two tiers and a membership in each of its states."""
    people = {name: make_customer().id for name in ("open", "dated", "over", "back", "backdated")}
    go(command.downgrade, "0002")
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None).isoformat(" ")
    moments = {"now": now}
    with migrations._migrating() as connection:
        for number, key in ((1, "free"), (2, "gold")):
            connection.execute(
                sa.text(
                    "INSERT INTO member_tiers_tier (id, key, title_ja, title_en, description, colour, rank,"
                    " created_at, updated_at) VALUES (:id, :key, :key, '', '', 'grey', :id, :now, :now)"
                ),
                {"id": number, "key": key, **moments},
            )
        rows = {
            "open": ("active", None),
            "dated": ("active", "2099-03-31"),
            "over": ("ended", "2020-06-30"),
            "back": ("cancelled", None),
            "backdated": ("cancelled", "2099-12-31"),
        }
        for number, (name, (status, ends_on)) in enumerate(rows.items(), start=1):
            connection.execute(
                sa.text(
                    "INSERT INTO member_tiers_membership (id, customer_id, tier_id, starts_on, ends_on,"
                    " status, source, note, created_at, updated_at) VALUES"
                    " (:id, :customer, 2, '2020-01-01', :ends, :status, 'staff', 'n', :now, :now)"
                ),
                {"id": number, "customer": people[name], "ends": ends_on, "status": status, **moments},
            )
    return people


def states():
    columns = sa.text(
        "SELECT customer_id, status, ends_on, granted_until FROM member_tiers_membership ORDER BY id"
    )
    with db.engine.connect() as connection:
        return [tuple(map(str, row[1:])) for row in connection.execute(columns)]


def test_rows_are_carried_over_and_what_was_taken_back_opens_nothing(before):
    go(command.upgrade, "head")
    assert states() == [
        ("active", "None", "None"),
        ("active", "2099-03-31", "2099-03-31"),
        ("expired", "2020-06-30", "2020-06-30"),
        ("expired", "None", "2019-12-31"),
        ("expired", "2099-12-31", "2019-12-31"),
    ]
    held = {name: current_membership(customer_id) is not None for name, customer_id in before.items()}
    assert held == {"open": True, "dated": True, "over": False, "back": False, "backdated": False}


def test_tiers_go_to_the_main_ladder_and_each_membership_begins_its_history(before):
    go(command.upgrade, "head")
    assert db.session.scalars(sa.select(Ladder.key)).all() == ["main"]
    assert [tier.key for tier in list_tiers()] == ["gold", "free"]
    assert {tier.term for tier in db.session.scalars(sa.select(Tier))} == {"open"}
    events = db.session.execute(
        sa.select(MembershipEvent.verb, MembershipEvent.to_status).order_by(MembershipEvent.membership_id)
    ).all()
    assert [tuple(row) for row in events] == [
        ("carried", status) for status in ("active", "active", "expired", "expired", "expired")
    ]


def test_going_down_hands_the_old_states_back(before):
    go(command.upgrade, "head")
    go(command.downgrade, "0002")
    with db.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT status FROM member_tiers_membership ORDER BY id"))
        found = [row[0] for row in rows]
    assert found == ["active", "active", "ended", "cancelled", "cancelled"]
    go(command.upgrade, "head")


def test_the_history_cannot_be_rewritten(before):
    go(command.upgrade, "head")
    for change in ({"to_status": "active"}, {"note": "another"}, {"at": dt.datetime.now(dt.UTC)}):
        with pytest.raises(DatabaseError), transaction():
            db.session.execute(sa.update(MembershipEvent).values(**change))
    with transaction():
        db.session.execute(sa.update(MembershipEvent).values(note="", account_id=None))
        db.session.execute(sa.delete(Membership))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(MembershipEvent)) == 0
