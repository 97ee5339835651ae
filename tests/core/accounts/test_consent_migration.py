"""Revision 0012 takes over the one text and the consents that there were, and hands them back."""

import datetime as dt

import pytest
import sqlalchemy as sa
from alembic import command

from core.accounts.registration.consent_queries import consent_views, list_consents
from core.accounts.registration.consents import owed_texts
from core.db import db
from core.db_base import JSONDocument, UTCDateTime
from core.plugin_host import migrations
from core.plugin_host.schema_version import CORE
from core.plugin_host.snapshot import use_current_snapshot
from core.testing.factories import make_account, make_customer

FIRST, SECOND = (
    dt.datetime(2026, 1, 5, 3, tzinfo=dt.UTC),
    dt.datetime(2026, 3, 9, 4, 30, 7, 125, tzinfo=dt.UTC),
)
AGREED, AGAIN = dt.datetime(2026, 1, 6, tzinfo=dt.UTC), dt.datetime(2026, 3, 10, tzinfo=dt.UTC)

TEXTS = sa.table(
    "core_consent_text", sa.column("version"), sa.column("text"), sa.column("created_at", UTCDateTime)
)
CONSENTS = sa.table(
    "core_consent", sa.column("customer_id"), sa.column("version"), sa.column("given_at", UTCDateTime)
)
ANSWERS = sa.table(
    "core_consent_answer",
    *(sa.column(name) for name in ("customer_id", "kind", "version", "agreed", "way", "device", "network")),
    sa.column("given_at", UTCDateTime),
)
STATE = sa.table("core_site_state", sa.column("settings", JSONDocument), sa.column("version"))


def go(direction, revision):
    with migrations._migrating() as connection:
        direction(migrations._config(CORE, connection), revision)


def up():
    go(command.upgrade, "head")
    # What an upgrade of the whole site does at its end.
    write(STATE.update().values(version=STATE.c.version + 1))
    use_current_snapshot()


def down():
    go(command.downgrade, "0011")


def write(*statements):
    with migrations._migrating() as connection:
        for statement in statements:
            connection.execute(statement)


def rows(table, *order):
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.select(table).order_by(*order))]


def settings():
    return rows(STATE)[0][0]


@pytest.fixture
def people(app):
    return [make_customer(email=f"{name}@example.jp").id for name in ("both", "old", "none")]


@pytest.fixture
def before(people):
    """The site as 0011 left it: two versions; one person agreed to both, one to the first."""
    both, old, _none = people
    down()
    kept = {"name": "みどり商店", "consent_text": "第二版", "consent_version": 2}
    write(
        TEXTS.insert().values(version=1, text="第一版", created_at=FIRST),
        TEXTS.insert().values(version=2, text="第二版", created_at=SECOND),
        CONSENTS.insert().values(customer_id=both, version=1, given_at=AGREED),
        CONSENTS.insert().values(customer_id=old, version=1, given_at=AGREED),
        CONSENTS.insert().values(customer_id=both, version=2, given_at=AGAIN),
        STATE.update().values(settings=kept),
    )
    return people


def test_old_consents_become_answers_to_the_terms_with_their_text_and_time(before):
    both, old, none = before
    up()
    found = [
        [(c["kind"], c["version"], c["agreed"], c["given_at"], c["text"]) for c in list_consents(who)]
        for who in before
    ]
    first = ("terms", 1, True, AGREED.isoformat(), "第一版")
    assert found == [[first, ("terms", 2, True, AGAIN.isoformat(), "第二版")], [first], []]
    assert {(c["way"], c["device"], c["network"]) for c in list_consents(both)} == {("registration", "", "")}
    views = {who: next(v for v in consent_views(who) if v.kind == "terms") for who in before}
    assert (views[both].agreed, views[both].is_newer) == (True, False)
    assert (views[old].agreed, views[old].is_newer) == (True, True)
    assert not views[none].agreed


def test_the_text_in_use_stays_in_use_is_required_and_asks_nobody_anew(before):
    up()
    terms = {"text": "第二版", "version": 2, "since": "2026-03-09", "how": "required", "asks": "nobody"}
    assert settings() == {"name": "みどり商店", "consents": {"terms": terms}}
    assert all(owed_texts(who) == () for who in before)


def test_a_site_without_a_text_gets_none(people):
    down()
    write(STATE.update().values(settings={"name": "x", "consent_text": "", "consent_version": 0}))
    up()
    assert settings() == {"name": "x"}
    assert rows(ANSWERS) == []


def test_going_down_hands_back_what_was_taken_over(before):
    up()
    down()
    assert rows(TEXTS, "version") == [(1, "第一版", FIRST), (2, "第二版", SECOND)]
    both, old, _none = before
    taken = [(both, 1, AGREED), (both, 2, AGAIN), (old, 1, AGREED)]
    assert rows(CONSENTS, "customer_id", "version") == taken
    assert settings() == {"name": "みどり商店", "consent_text": "第二版", "consent_version": 2}


def test_going_down_keeps_one_row_of_an_agreement_repeated_and_none_of_a_refusal(before):
    both, _old, none = before
    up()
    evidence = {"way": "log_in", "device": "", "network": "", "given_at": AGAIN}
    say = ANSWERS.insert().values
    write(
        say(customer_id=both, kind="terms", version=1, agreed=True, **evidence),
        say(customer_id=none, kind="terms", version=2, agreed=False, **evidence),
    )
    down()
    found = rows(CONSENTS, "customer_id", "version")
    assert [row for row in found if row[0] == both] == [(both, 1, AGREED), (both, 2, AGAIN)]
    assert [row for row in found if row[0] == none] == []


def test_ids_go_on_after_what_was_taken_over(before):
    up()
    evidence = {"way": "log_in", "device": "", "network": "", "given_at": AGAIN}
    write(ANSWERS.insert().values(customer_id=before[2], kind="terms", version=2, agreed=True, **evidence))
    assert len(list_consents(before[2])) == 1


def test_sessions_of_before_owe_nothing(app):
    account_id = make_account("Member").id
    down()
    old = sa.text(
        "INSERT INTO core_login_session (account_id, token_hash, created_at, last_seen_at, expires_at,"
        " methods, device, network) VALUES (:id, :hash, :now, :now, :now, '[]', '', '')"
    ).bindparams(sa.bindparam("now", type_=UTCDateTime), id=account_id, hash=b"x" * 32, now=FIRST)
    write(old)
    up()
    assert rows(sa.table("core_login_session", sa.column("owes_consent", sa.Boolean))) == [(False,)]
