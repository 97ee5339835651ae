import datetime as dt
from functools import partial

import pytest
from sqlalchemy import select, update

from core.accounts.log_in_delays import ACCOUNT, BROWSER, EVERYWHERE, NETWORK, SCALES, SITE, prune_delays
from core.activity.models import AuditEntry
from core.db import db, transaction, utcnow
from core.security import passwords
from core.security.models import LogInDelay
from core.testing.factories import PASSWORD, make_account, make_staff
from tests.journey_kit import NEW_PASSWORD, code_in, last_mail, path_in, set_site
from tests.racing import at_once


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


def from_many_networks(new_client, email, tries):
    """Guess once from each of many networks."""
    return [
        attempt(new_client(), email, network=f"203.0.{n // 250}.{n % 250}").status_code for n in range(tries)
    ]


@pytest.mark.parametrize("is_known", [True, False])
def test_an_account_tried_from_many_networks_waits_whether_it_exists_or_not(app, new_client, is_known):
    email = make_account("Member").email if is_known else "nobody@example.jp"
    free = SCALES[EVERYWHERE].free
    assert from_many_networks(new_client, email, free + 1) == [422] * (free + 1)
    answer = attempt(new_client(), email, PASSWORD, network="198.51.100.1")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 2
    assert attempt(new_client(), "other@example.jp", network="198.51.100.1").status_code == 422


def test_who_is_tried_from_everywhere_still_gets_in_where_they_were_before(member, client, new_client):
    attempt(client, member.email, PASSWORD)
    client.post("/logout")
    phone = new_client()
    phone.post("/login", data={"email": member.email, "password": PASSWORD, "remember": "1"})
    from_many_networks(new_client, member.email, SCALES[EVERYWHERE].free + 1)
    assert attempt(client, member.email, PASSWORD).status_code == 302
    phone.delete_cookie(phone.application.extensions["kaiin"].cookie_name)
    assert phone.get("/account").status_code == 200


def test_a_right_password_from_somewhere_does_not_forget_what_others_tried(member, new_client):
    free = SCALES[EVERYWHERE].free
    from_many_networks(new_client, member.email, free)
    assert attempt(new_client(), member.email, PASSWORD, network="198.51.100.1").status_code == 302
    assert failures(EVERYWHERE) == free


def failures(scope):
    return db.session.execute(select(LogInDelay.failures).where(LogInDelay.scope == scope)).scalar_one()


def test_each_quiet_hour_halves_a_count(member, client, new_client):
    from_many_networks(new_client, member.email, 16)
    with transaction():
        for row in db.session.execute(select(LogInDelay)).scalars():
            row.forget_at -= dt.timedelta(hours=2, minutes=1)
    attempt(new_client(), member.email, network="198.51.100.1")
    assert failures(EVERYWHERE) == 16 // 4 + 1


def test_of_many_tries_at_once_only_one_is_let_through_when_a_wait_is_over(app, member, client, new_client):
    from_many_networks(new_client, member.email, SCALES[EVERYWHERE].free + 3)
    let_time_pass()
    clients = [new_client() for _number in range(4)]
    calls = [partial(attempt, one, member.email, network=f"198.51.100.{n}") for n, one in enumerate(clients)]
    answers = [answer.status_code for answer in at_once(app, *calls)]
    assert sorted(answers) == [422, 429, 429, 429]


def test_the_page_says_how_long_to_wait_and_offers_the_ways_by_mail(member, client):
    guess_until_delayed(client, member.email)
    with transaction():
        soon = utcnow() + dt.timedelta(minutes=3, seconds=-5)
        db.session.execute(update(LogInDelay).values(wait_until=soon))
    page = client.post("/login?lang=en", data={"email": member.email, "password": PASSWORD})
    assert page.status_code == 429
    text = page.get_data(as_text=True)
    assert "Wait 3 minutes." in text
    assert 'href="/login/code"' in text and 'href="/forgotten"' in text
    japanese = client.post("/login?lang=ja", data={"email": member.email, "password": PASSWORD})
    assert "3分待ってから" in japanese.get_data(as_text=True)
    programs = client.post(
        "/login",
        data={"email": member.email, "password": PASSWORD},
        headers={"Accept": "application/json"},
    )
    assert (programs.status_code, programs.json["code"]) == (429, 429)
    assert programs.headers["Retry-After"]


def test_without_codes_the_page_offers_the_new_password_only(member, client):
    set_site(log_in_by_code=False)
    guess_until_delayed(client, member.email)
    text = attempt(client, member.email, PASSWORD).get_data(as_text=True)
    assert 'href="/login/code"' not in text and 'href="/forgotten"' in text


def test_a_mailed_code_gets_in_at_once_and_from_then_on_this_browser_does_not_wait(
    member, client, new_client
):
    from_many_networks(new_client, member.email, SCALES[EVERYWHERE].free + 3)
    assert attempt(client, member.email, PASSWORD).status_code == 429
    client.post("/login/code", data={"email": member.email})
    assert client.post("/login/code/enter", data={"code": code_in(last_mail())}).status_code == 302
    client.post("/logout")
    assert attempt(client, member.email, PASSWORD).status_code == 302
    assert attempt(new_client(), member.email, PASSWORD).status_code == 429


@pytest.mark.parametrize("was_known", [True, False])
def test_a_new_password_by_mail_ends_the_wait_of_this_browser(member, client, new_client, was_known):
    if was_known:
        attempt(client, member.email, PASSWORD)
        client.post("/logout")
        guess_until_delayed(client, member.email)
    from_many_networks(new_client, member.email, SCALES[EVERYWHERE].free + 3)
    assert attempt(client, member.email, PASSWORD).status_code == 429
    client.post("/forgotten", data={"email": member.email})
    chosen = {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    assert client.post(path_in(last_mail(member.email)), data=chosen).status_code == 302
    assert attempt(client, member.email, NEW_PASSWORD).status_code == 302
    assert attempt(new_client(), member.email, NEW_PASSWORD).status_code == 429


def test_staff_with_the_right_see_and_end_a_wait(member, new_client, login):
    from_many_networks(new_client, member.email, SCALES[EVERYWHERE].free + 3)
    guess_until_delayed(new_client(), "other@example.jp")
    office = new_client()
    login(office, make_staff("log_ins.manage", "customers.see"))
    path = f"/admin/log-ins/{member.id}"
    assert f"{path}/release" in office.get(path).get_data(as_text=True)
    assert office.post(f"{path}/release").status_code == 302
    assert f"{path}/release" not in office.get(path).get_data(as_text=True)
    assert attempt(new_client(), member.email, PASSWORD, network="198.51.100.1").status_code == 302
    assert attempt(new_client(), "other@example.jp").status_code == 429
    entry = db.session.execute(
        select(AuditEntry).where(AuditEntry.action == "account.wait_released")
    ).scalar_one()
    assert entry.target_id == member.id


def test_nobody_ends_a_wait_without_the_right_nor_their_own_nor_an_owners(member, new_client, login):
    owner, clerk, guard = make_account("Owner"), make_staff("customers.see"), make_staff("log_ins.manage")
    for account, target in ((clerk, member), (guard, guard), (guard, owner), (owner, owner)):
        office = new_client()
        login(office, account)
        assert office.post(f"/admin/log-ins/{target.id}/release").status_code == 403


def test_who_is_logged_in_is_not_slowed_down_by_others_without_the_browsers_cookie_either(
    member, client, new_client
):
    attempt(client, member.email, PASSWORD)
    client.delete_cookie(client.application.extensions["kaiin"].browser_cookie_name)
    guess_until_delayed(new_client(), member.email)
    assert client.post("/login/again", data={"password": PASSWORD}).status_code == 302


def test_a_made_up_browser_token_gives_no_new_tries_inside_a_session(member, client):
    attempt(client, member.email, PASSWORD)
    name = client.application.extensions["kaiin"].browser_cookie_name
    answers = []
    for number in range(SCALES[BROWSER].free + 2):
        client.set_cookie(name, f"made-up-{number}")
        answers.append(client.post("/login/again", data={"password": "wrong-words"}).status_code)
    assert answers[-1] == 429
