import datetime as dt

import pytest
from sqlalchemy import func, select, update

from core.accounts import services
from core.accounts.device_models import RememberedDevice
from core.accounts.models import AccountState, LoginSession
from core.accounts.remembered import OVERLAP
from core.activity.models import AuditEntry
from core.db import db, transaction, utcnow
from core.mail.models import OutboxMail
from core.plugin_host.snapshot import use_current_snapshot
from core.security.sessions import hash_token
from core.settings.services import save_site_settings
from core.testing.factories import PASSWORD, make_account


@pytest.fixture
def member(app):
    return make_account("Member")


def names(client):
    host = client.application.extensions["kaiin"]
    return host.cookie_name, host.device_cookie_name


def log_in(client, account, remember="1"):
    data = {"email": account.email, "password": PASSWORD, "remember": remember}
    assert client.post("/login", data=data).status_code == 302


def device_cookie(client):
    return client.get_cookie(names(client)[1])


def close_browser(client):
    """End what a browser forgets when it is closed: the session's cookie."""
    client.delete_cookie(names(client)[0])


def copy_of(client, new_client, cookie=None):
    thief = new_client()
    thief.set_cookie(names(client)[1], (cookie or device_cookie(client)).value)
    return thief


def is_in(client):
    return client.get("/account").status_code == 200


def set_site(**values):
    with transaction():
        save_site_settings(values)
    use_current_snapshot()


def later(seconds):
    moved = utcnow() - dt.timedelta(seconds=seconds)
    with transaction():
        db.session.execute(update(RememberedDevice).values(rotated_at=moved))
        db.session.execute(update(LoginSession).values(created_at=moved))


def devices():
    return db.session.execute(select(func.count(RememberedDevice.id))).scalar_one()


def test_a_remembered_device_needs_no_password_after_the_browser_was_closed(member, client):
    log_in(client, member)
    close_browser(client)
    assert is_in(client)
    assert client.get_cookie(names(client)[0]) is not None


def test_without_the_tick_nothing_is_remembered(member, client):
    log_in(client, member, remember="")
    assert device_cookie(client) is None
    close_browser(client)
    assert not is_in(client)


def test_the_cookie_is_http_only_lax_and_lasts_as_long_as_the_setting(member, client):
    answer = client.post("/login", data={"email": member.email, "password": PASSWORD, "remember": "1"})
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "_device=" in c)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    seconds = int(cookie.split("Max-Age=")[1].split(";")[0])
    assert 13 * 86400 < seconds <= 14 * 86400


def test_the_table_holds_only_hashes_of_256_bit(member, client):
    log_in(client, member)
    selector, validator = device_cookie(client).value.split(".")
    row = db.session.execute(select(RememberedDevice)).scalar_one()
    assert (row.selector_hash, row.validator_hash) == (hash_token(selector), hash_token(validator))
    assert len(validator) >= 43


def test_every_use_replaces_the_validator(member, client):
    log_in(client, member)
    seen = {device_cookie(client).value}
    for _ in range(3):
        close_browser(client)
        later(60)
        assert is_in(client)
        seen.add(device_cookie(client).value)
    assert len(seen) == 4
    assert len({value.split(".")[0] for value in seen}) == 1


def test_a_copied_cookie_ends_the_family_and_its_sessions_for_thief_and_victim(member, client, new_client):
    log_in(client, member)
    thief = copy_of(client, new_client)
    assert is_in(thief)
    later(OVERLAP.total_seconds() + 1)
    close_browser(client)
    assert not is_in(client)
    assert not is_in(thief)
    assert devices() == 0
    assert device_cookie(client) is None


def test_a_copied_cookie_is_told_by_mail_and_noted(member, client, new_client):
    log_in(client, member)
    is_in(copy_of(client, new_client))
    later(OVERLAP.total_seconds() + 1)
    close_browser(client)
    is_in(client)
    mails = db.session.execute(select(OutboxMail.template)).scalars().all()
    assert mails == ["core.device_stolen"]
    actions = db.session.execute(select(AuditEntry.action)).scalars().all()
    assert "account.device_stolen" in actions


def test_two_tabs_that_open_at_once_are_no_theft(member, client, new_client):
    log_in(client, member)
    first = device_cookie(client)
    close_browser(client)
    assert is_in(client)
    second_tab = copy_of(client, new_client, first)
    assert is_in(second_tab)
    assert device_cookie(second_tab).value == first.value
    close_browser(client)
    later(60)
    assert is_in(client)


@pytest.mark.parametrize("cookie", ["", ".", "x", "a.b", "." * 50, "é.ü", "x" * 4000])
def test_a_planted_cookie_opens_nothing_and_is_taken_away(member, client, cookie):
    client.set_cookie(names(client)[1], cookie)
    assert not is_in(client)


def test_a_guessed_validator_ends_the_device(member, client, new_client):
    log_in(client, member)
    guess = new_client()
    guess.set_cookie(names(client)[1], device_cookie(client).value.split(".")[0] + ".guess")
    assert not is_in(guess)
    assert devices() == 0


def log_out(client, member):
    client.post("/logout")


def close_account(client, member):
    with transaction():
        services.set_state(member.id, AccountState.DISABLED)


def new_password(client, member):
    with transaction():
        services.set_password_hash(member.id, services.hash_checked("quite-another-wording"))


def run_out(client, member):
    with transaction():
        db.session.execute(update(RememberedDevice).values(expires_at=utcnow()))


def switch_off(client, member):
    set_site(remember_days=0)


def shorten(client, member):
    set_site(remember_days=2)
    with transaction():
        db.session.execute(update(RememberedDevice).values(created_at=utcnow() - dt.timedelta(days=2)))


@pytest.mark.parametrize("event", [log_out, close_account, new_password, run_out, switch_off, shorten])
def test_a_stolen_device_cookie_is_dead_after(member, client, new_client, event):
    log_in(client, member)
    stolen = device_cookie(client)
    event(client, member)
    assert not is_in(copy_of(client, new_client, stolen))


def test_changing_my_password_keeps_this_device_remembered_and_forgets_the_others(member, client, new_client):
    log_in(client, member)
    other = new_client()
    log_in(other, member)
    new = "quite-another-wording"
    answer = client.post("/account/password", data={"current": PASSWORD, "password": new, "repeat": new})
    assert answer.status_code == 302
    for browser in (client, other):
        close_browser(browser)
    assert is_in(client)
    assert not is_in(other)


def test_logging_out_after_the_browser_was_reopened_ends_the_device(member, client, new_client):
    log_in(client, member)
    close_browser(client)
    is_in(client)
    stolen = device_cookie(client)
    client.post("/logout")
    assert device_cookie(client) is None
    assert not is_in(copy_of(client, new_client, stolen))


def test_staff_are_never_remembered(app, client):
    log_in(client, make_account("Owner"))
    assert device_cookie(client) is None
    assert devices() == 0


def test_the_tick_is_not_offered_where_the_owner_wants_no_remembered_devices(app, client):
    assert 'name="remember"' in client.get("/login").get_data(as_text=True)
    set_site(remember_days=0)
    assert 'name="remember"' not in client.get("/login").get_data(as_text=True)


def test_a_request_with_a_good_session_costs_no_query_for_the_device(member, client, query_counter):
    log_in(client, member)
    client.get("/account")
    with query_counter() as queries:
        client.get("/account")
    assert not [s for s in queries.statements if "remembered_device" in s]


def test_a_form_that_was_open_when_the_session_ended_can_still_be_sent(member, client):
    log_in(client, member)
    token = client.csrf_token()
    with transaction():
        db.session.execute(update(LoginSession).values(last_seen_at=utcnow() - dt.timedelta(hours=3)))
    answer = client.post("/language", data={"language": "en", "csrf_token": token}, csrf=False)
    assert answer.status_code == 302


def test_a_forged_token_does_not_pass_because_the_device_is_remembered(member, client):
    log_in(client, member)
    close_browser(client)
    answer = client.post("/language", data={"language": "en", "csrf_token": "forged"}, csrf=False)
    assert answer.status_code == 400
