import datetime as dt

import pytest
from sqlalchemy import select, update

from core.accounts.log_in_delays import ACCOUNT, EVERYWHERE, NETWORK, SCALES, SITE, prune_delays
from core.db import db, transaction, utcnow
from core.security import passwords
from core.security.models import LogInDelay
from core.testing.factories import PASSWORD, make_account


@pytest.fixture
def member(app):
    return make_account("Member")


def attempt(client, email, password="wrong-words", network="127.0.0.1"):
    return client.post(
        "/login",
        data={"email": email, "password": password},
        environ_overrides={"REMOTE_ADDR": network},
    )


def guess_until_delayed(client, email, network="127.0.0.1"):
    for _ in range(SCALES[ACCOUNT].free + 1):
        attempt(client, email, network=network)
    assert attempt(client, email, network=network).status_code == 429


def let_time_pass():
    with transaction():
        db.session.execute(update(LogInDelay).values(wait_until=utcnow()))


def test_a_few_slips_cost_nothing_then_each_try_waits_twice_as_long():
    scale = SCALES[ACCOUNT]
    waits = [scale.delay(n).total_seconds() for n in range(1, 40)]
    assert waits[: scale.free] == [0] * scale.free
    assert waits[scale.free : scale.free + 4] == [2, 4, 8, 16]
    assert waits[-1] == scale.most


def test_guessing_waits_and_the_answer_says_how_long(member, client):
    guess_until_delayed(client, member.email)
    answer = attempt(client, member.email, PASSWORD)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 2


def test_after_the_wait_the_right_password_opens_and_forgets_the_failures(member, client):
    guess_until_delayed(client, member.email)
    let_time_pass()
    assert attempt(client, member.email, PASSWORD).status_code == 302
    scopes = set(db.session.execute(select(LogInDelay.scope)).scalars())
    assert ACCOUNT not in scopes


def test_while_waiting_no_hash_is_computed_and_the_wait_does_not_grow(member, client, monkeypatch):
    guess_until_delayed(client, member.email)
    before = db.session.execute(select(LogInDelay.wait_until)).scalars().all()
    monkeypatch.setattr(passwords, "_verify", lambda *_: pytest.fail("hashed"))
    attempt(client, member.email, PASSWORD)
    assert db.session.execute(select(LogInDelay.wait_until)).scalars().all() == before


def test_the_owner_of_the_account_gets_in_from_elsewhere(member, client, new_client):
    guess_until_delayed(client, member.email)
    assert attempt(new_client(), member.email, PASSWORD, "198.51.100.7").status_code == 302


def test_a_browser_that_was_logged_in_before_is_never_locked_out_by_others(member, client, new_client):
    attempt(client, member.email, PASSWORD)
    client.post("/logout")
    guess_until_delayed(new_client(), member.email)
    assert attempt(client, member.email, PASSWORD).status_code == 302


def test_a_browser_known_to_one_account_guesses_no_other_one_faster(member, client):
    attempt(client, member.email, PASSWORD)
    client.post("/logout")
    guess_until_delayed(client, make_account("Member").email)


def test_a_known_browser_may_not_guess_for_ever(member, client):
    attempt(client, member.email, PASSWORD)
    client.post("/logout")
    guess_until_delayed(client, member.email)


def test_unknown_addresses_wait_like_known_ones(member, client, new_client):
    guess_until_delayed(client, "nobody@example.jp")
    one, other = attempt(client, "nobody@example.jp"), None
    guess_until_delayed(new_client(), member.email)
    other = attempt(new_client(), member.email)
    assert one.status_code == other.status_code == 429


def test_one_network_that_tries_many_accounts_waits_ipv6_by_its_64(app, client):
    free = SCALES[NETWORK].free
    for n in range(free + 1):
        attempt(client, f"nobody{n}@example.jp", network=f"2001:db8::{n + 1:x}")
    assert attempt(client, "fresh@example.jp", network="2001:db8::ffff").status_code == 429
    assert attempt(client, "fresh@example.jp", network="2001:db8:0:1::1").status_code == 422


def test_right_log_ins_do_not_count_against_a_network(app, new_client):
    member = make_account("Member")
    for _ in range(3):
        attempt(new_client(), member.email, PASSWORD)
    rows = db.session.execute(select(LogInDelay.scope, LogInDelay.failures)).all()
    counts = {row.scope: row.failures for row in rows}
    assert counts == {EVERYWHERE: 0, NETWORK: 0, SITE: 0}


def test_guessing_the_current_password_in_an_open_session_is_slowed_down(member, client):
    attempt(client, member.email, PASSWORD)
    new = "quite-another-wording"
    for _ in range(SCALES[ACCOUNT].free + 2):
        client.post("/account/password", data={"current": "wrong", "password": new, "repeat": new})
    right = client.post("/account/password", data={"current": PASSWORD, "password": new, "repeat": new})
    assert right.status_code == 429


def test_counts_are_kept_as_hashes_forgotten_and_pruned(member, client):
    attempt(client, member.email)
    rows = db.session.execute(select(LogInDelay)).scalars().all()
    assert {len(row.key_hash) for row in rows} == {32}
    with transaction():
        db.session.execute(
            update(LogInDelay).values(forget_at=utcnow() - dt.timedelta(seconds=1), failures=50)
        )
    attempt(client, member.email)
    assert set(db.session.execute(select(LogInDelay.failures)).scalars()) == {1}
    with transaction():
        db.session.execute(update(LogInDelay).values(forget_at=utcnow() - dt.timedelta(seconds=1)))
        assert prune_delays() == 4
