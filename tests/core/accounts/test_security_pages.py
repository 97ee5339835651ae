"""One's own second factors on screen: for members in the theme, for staff in the admin."""

import datetime as dt
import re

import pyotp
import pytest
from sqlalchemy import func, select, update

from core.accounts.factors import recovery_codes, totp
from core.accounts.factors.models import Passkey
from core.accounts.models import Account, LoginSession
from core.activity.models import AuditEntry
from core.db import db, transaction, utcnow
from core.mail.models import OutboxMail
from core.settings.services import save_site_settings
from core.testing.factories import make_account
from tests.core.accounts.factor_kit import add_app
from tests.core.accounts.soft_authenticator import SoftAuthenticator

PLACES = [("Member", "/account/security"), ("Staff", "/admin/me/security"), ("Owner", "/admin/me/security")]
EVERYWHERE = pytest.mark.parametrize(("role", "path"), PLACES, ids=["member", "staff", "owner"])


@pytest.fixture
def enter(client, login):
    """Logs a fresh account of a role in and returns it."""

    def log_in(role):
        account = make_account(role)
        login(client, account)
        return account

    return log_in


def set_up_app(client, path):
    client.post(f"{path}/app/new")
    page = client.get(f"{path}/app").get_data(as_text=True)
    secret = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    return secret, client.post(f"{path}/app", data={"code": pyotp.TOTP(secret).now()})


def add_passkey(client, path, name="My key"):
    key = SoftAuthenticator()
    options = client.post(f"{path}/passkeys/options").json
    return key, client.post(f"{path}/passkeys", data={"credential": key.make(options), "name": name})


def codes_in(page):
    return re.findall(r"<code>((?:[a-z0-9]{4}-){5}[a-z0-9]{4})</code>", page)


def has_factor(account):
    return db.session.execute(select(Account.has_second_factor).where(Account.id == account.id)).scalar_one()


def actions():
    return list(db.session.execute(select(AuditEntry.action).order_by(AuditEntry.id)).scalars())


def mails_to(account):
    query = select(OutboxMail.text).where(OutboxMail.to_address == account.email)
    return "\n".join(db.session.execute(query).scalars())


@EVERYWHERE
def test_an_app_is_set_up_with_a_picture_a_key_and_a_first_code(client, enter, role, path):
    account = enter(role)
    client.post(f"{path}/app/new")
    page = client.get(f"{path}/app").get_data(as_text=True)
    assert 'src="data:image/svg+xml' in page
    _secret, answer = set_up_app(client, path)
    assert answer.status_code == 200
    assert len(codes_in(answer.get_data(as_text=True))) == 10
    assert "data:text/plain" in answer.get_data(as_text=True)
    assert has_factor(account) and totp.is_on(account.id)
    assert "account.app_added" in actions()
    assert "認証アプリ" in mails_to(account)


@EVERYWHERE
def test_a_wrong_first_code_turns_nothing_on(client, enter, role, path):
    account = enter(role)
    client.post(f"{path}/app/new")
    answer = client.post(f"{path}/app", data={"code": "abcdef"})
    assert answer.status_code == 422
    assert 'src="data:image/svg+xml' in answer.get_data(as_text=True)
    assert not has_factor(account) and not totp.is_on(account.id)


@EVERYWHERE
def test_the_secret_is_never_shown_again(client, enter, role, path):
    enter(role)
    secret, _answer = set_up_app(client, path)
    assert client.get(f"{path}/app").status_code == 302
    assert secret not in client.get(path).get_data(as_text=True).replace(" ", "")


@EVERYWHERE
def test_an_app_is_removed_with_the_codes_that_belong_to_it(client, enter, role, path):
    account = enter(role)
    set_up_app(client, path)
    client.post(f"{path}/app/off")
    assert not has_factor(account) and not totp.is_on(account.id)
    assert recovery_codes.how_many_left(account.id) == 0


@EVERYWHERE
def test_passkeys_are_added_renamed_and_removed(client, enter, role, path):
    account = enter(role)
    _key, answer = add_passkey(client, path, "台所のパソコン")
    assert len(codes_in(answer.get_data(as_text=True))) == 10
    assert "台所のパソコン" in client.get(path).get_data(as_text=True)
    passkey = db.session.execute(select(Passkey)).scalar_one()
    assert passkey.transports == ["internal", "hybrid"]
    client.post(f"{path}/passkeys/{passkey.id}/rename", data={"name": "<b>"})
    assert "&lt;b&gt;" in client.get(path).get_data(as_text=True)
    assert has_factor(account)
    client.post(f"{path}/passkeys/{passkey.id}/remove")
    assert not has_factor(account)
    assert {"account.passkey_added", "account.passkey_removed"} <= set(actions())


@EVERYWHERE
def test_a_second_factor_more_makes_no_new_codes(client, enter, role, path):
    enter(role)
    set_up_app(client, path)
    _key, answer = add_passkey(client, path)
    assert answer.status_code == 302


@EVERYWHERE
def test_new_codes_replace_the_old_ones_and_are_shown_once(client, enter, role, path):
    account = enter(role)
    _secret, first = set_up_app(client, path)
    old = codes_in(first.get_data(as_text=True))
    answer = client.post(f"{path}/codes")
    new = codes_in(answer.get_data(as_text=True))
    assert len(new) == 10 and not set(old) & set(new)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert new[0] not in client.get(path).get_data(as_text=True)
    with transaction():
        assert not recovery_codes.check(account.id, old[0])
        assert recovery_codes.check(account.id, new[0])


@EVERYWHERE
def test_without_a_factor_there_are_no_recovery_codes(client, enter, role, path):
    account = enter(role)
    assert client.post(f"{path}/codes").status_code == 302
    assert recovery_codes.how_many_left(account.id) == 0


def test_the_passkey_of_another_cannot_be_touched(client, new_client, login, enter):
    enter("Member")
    add_passkey(client, "/account/security")
    passkey = db.session.execute(select(Passkey)).scalar_one()
    other = new_client()
    login(other, make_account("Member"))
    for verb in ("rename", "remove"):
        path = f"/account/security/passkeys/{passkey.id}/{verb}"
        assert other.post(path, data={"name": "mine"}).status_code == 404
    assert db.session.execute(select(Passkey.name)).scalar_one() == "My key"


def test_a_key_is_added_once(client, new_client, login, enter):
    enter("Member")
    key, _answer = add_passkey(client, "/account/security")
    other = new_client()
    login(other, make_account("Member"))
    options = other.post("/account/security/passkeys/options").json
    other.post("/account/security/passkeys", data={"credential": key.make(options)})
    assert db.session.execute(select(func.count(Passkey.id))).scalar_one() == 1


@pytest.mark.parametrize(
    ("name", "value"), [("origin", "https://evil.example"), ("rp_id", "evil.example"), ("credential_id", b"")]
)
def test_keys_made_for_other_sites_are_refused(client, enter, name, value):
    enter("Member")
    key = SoftAuthenticator()
    setattr(key, name, value)
    options = client.post("/account/security/passkeys/options").json
    answer = client.post("/account/security/passkeys", data={"credential": key.make(options)})
    assert answer.status_code == 302
    assert db.session.execute(select(func.count(Passkey.id))).scalar_one() == 0


def test_a_challenge_adds_one_key(client, enter):
    enter("Member")
    options = client.post("/account/security/passkeys/options").json
    for _try in range(2):
        client.post("/account/security/passkeys", data={"credential": SoftAuthenticator().make(options)})
    assert db.session.execute(select(func.count(Passkey.id))).scalar_one() == 1


@EVERYWHERE
def test_every_change_asks_for_a_recent_log_in(client, enter, role, path):
    account = enter(role)
    with transaction():
        long_ago = utcnow() - dt.timedelta(hours=1)
        db.session.execute(update(LoginSession).values(authenticated_at=long_ago))
    for below in ("/app/new", "/app", "/app/off", "/codes", "/passkeys", "/passkeys/1/remove"):
        assert "/login/again" in client.post(path + below).headers["Location"], below
    assert "/login/again" in client.get(f"{path}/app").headers["Location"]
    assert client.post(f"{path}/passkeys/options", headers={"Accept": "application/json"}).status_code == 403
    assert not has_factor(account)


def test_every_other_device_is_logged_out(client, new_client, login, enter):
    account = enter("Member")
    other = new_client()
    login(other, account)
    set_up_app(client, "/account/security")
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302


# Required factors --------------------------------------------------------------------------------


def require(*kinds):
    from core.plugin_host.snapshot import use_current_snapshot

    with transaction():
        save_site_settings({"second_factor_roles": kinds})
    use_current_snapshot()


@EVERYWHERE
def test_who_must_have_a_factor_is_led_to_set_it_up_before_anything_opens(client, enter, role, path):
    enter(role)
    require(role.lower())
    for page in ("/", "/account", "/admin/", "/admin/customers/", "/account/profile"):
        answer = client.get(page)
        assert answer.status_code == 403 or answer.headers["Location"] == path, page
    assert client.post("/account/data").status_code == 403
    assert client.get(path).status_code == 200
    set_up_app(client, path)
    assert client.get("/").status_code != 302


@EVERYWHERE
def test_the_way_out_stays_open(client, enter, role, path):
    enter(role)
    require(role.lower())
    assert client.post("/language", data={"language": "en", "next": path}).status_code == 302
    assert "Authenticator app" in client.get(path).get_data(as_text=True)
    assert client.post("/logout").headers["Location"] == "/"
    assert client.get("/login").status_code == 200


def test_other_roles_are_not_asked(client, enter):
    enter("Member")
    require("owner", "staff")
    assert client.get("/account").status_code == 200


@EVERYWHERE
def test_the_last_required_factor_stays(client, enter, role, path):
    account = enter(role)
    set_up_app(client, path)
    require(role.lower())
    client.post(f"{path}/app/off")
    assert totp.is_on(account.id) and has_factor(account)
    add_passkey(client, path)
    client.post(f"{path}/app/off")
    assert not totp.is_on(account.id) and has_factor(account)


def test_a_request_that_is_led_away_costs_one_query(client, enter, query_counter):
    enter("Member")
    require("member")
    client.get("/account")
    with query_counter() as queries:
        assert client.get("/account").status_code == 302
    # The test's own client reads the version once more.
    assert [("core_login_session" in statement) for statement in queries.statements] == [True, False]


def test_an_owner_says_who_must(client, enter):
    enter("Owner")
    assert client.get("/admin/settings/factors").status_code == 200
    client.post("/admin/settings/factors", data={"second_factor_roles": ["staff", "member"]})
    page = client.get("/admin/settings/factors").get_data(as_text=True)
    assert page.count("checked") == 2
    assert client.post("/admin/settings/factors", data={"second_factor_roles": ["robot"]}).status_code == 422
    client.post("/admin/settings/factors", data={})
    assert "checked" not in client.get("/admin/settings/factors").get_data(as_text=True)


# Reset -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["Member", "Staff", "Owner"])
def test_an_owner_helps_who_lost_everything(client, new_client, login, enter, role):
    lost = make_account(role)
    add_app(lost)
    enter("Owner")
    assert "reset-factors" in client.get(f"/admin/log-ins/{lost.id}").get_data(as_text=True)
    client.post(f"/admin/log-ins/{lost.id}/reset-factors")
    assert not has_factor(lost)
    assert "account.factors_reset" in actions()
    assert mails_to(lost)
    other = new_client()
    assert "/login/second" not in login(other, lost).headers["Location"]


def test_nobody_else_may_reset_and_nobody_their_own(client, new_client, login, enter):
    lost = make_account("Member")
    add_app(lost)
    enter("Staff")
    assert client.post(f"/admin/log-ins/{lost.id}/reset-factors").status_code == 403
    owner, browser = make_account("Owner"), new_client()
    login(browser, owner)
    set_up_app(browser, "/admin/me/security")
    assert browser.post(f"/admin/log-ins/{owner.id}/reset-factors").status_code == 403
    assert has_factor(lost) and has_factor(owner)
