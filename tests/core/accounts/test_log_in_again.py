"""Showing once more that it is you, with whatever the account has; as much is asked as at log-in."""

import datetime as dt
import re
from threading import Barrier

import pytest
from sqlalchemy import select, update

from core.accounts.factors import recovery_codes, second_step
from core.accounts.factors.models import TotpSecret
from core.accounts.mailed_codes import MOST_TRIES
from core.accounts.member_models import MailedToken
from core.accounts.models import Account, LoginSession
from core.activity.models import AuditEntry
from core.db import db, transaction, utcnow
from core.security import passwords
from core.testing.factories import PASSWORD, make_account
from tests.core.accounts.factor_kit import add_app
from tests.core.accounts.soft_authenticator import SoftAuthenticator
from tests.journey_kit import code_in, last_mail, templates, words
from tests.racing import at_once

AGAIN = "/login/again?next=/account/email"


@pytest.fixture
def member(app):
    return make_account("Member")


def grow_old():
    with transaction():
        moved = utcnow() - dt.timedelta(minutes=11)
        db.session.execute(update(LoginSession).values(authenticated_at=moved))


def is_recent(client):
    return client.get("/account/email").status_code == 200


def without_password(client, account):
    """Log in by a mailed code; the account has no password."""
    with transaction():
        db.session.execute(update(Account).where(Account.id == account.id).values(password_hash=None))
    client.post("/login/code", data={"email": account.email})
    client.post("/login/code/enter", data={"code": code_in(last_mail(account.email))})
    assert client.get("/account").status_code == 200
    grow_old()


def add_passkey(client, path="/account/security", *, is_verified=True):
    key = SoftAuthenticator()
    key.is_verified = is_verified
    options = client.post(f"{path}/passkeys/options").json
    assert client.post(f"{path}/passkeys", data={"credential": key.make(options)}).status_code in (200, 302)
    return key


def options(client):
    answer = client.post("/login/again/passkey/options")
    assert answer.status_code == 200
    return answer.json


def show(client, credential, **more):
    return client.post("/login/again/passkey?next=/account/email", data={"credential": credential, **more})


def next_code(app):
    """Return the code of the app, as if the one before had not been used."""
    with transaction():
        db.session.execute(update(TotpSecret).values(last_step=0))
    return app.now()


def text(client):
    return client.get(AGAIN + "&lang=en").get_data(as_text=True)


def test_the_page_offers_only_what_the_account_has(member, client, login):
    login(client, member)
    page = text(client)
    assert 'name="password"' in page
    assert "data-passkey" not in page and 'name="code"' not in page and "/login/again/code" not in page


def test_a_passkey_comes_first_and_the_rest_is_behind_it(member, client, login):
    login(client, member)
    add_passkey(client)
    grow_old()
    page = text(client)
    assert page.index("data-passkey") < page.index("more-ways") < page.index('name="password"')
    assert "Recovery code" in page


def test_a_passkey_is_enough_alone_and_the_session_gets_a_new_token(member, client, login):
    login(client, member)
    key = add_passkey(client)
    grow_old()
    name = client.application.extensions["kaiin"].cookie_name
    before = client.get_cookie(name).value
    answer = show(client, key.sign(options(client)))
    assert answer.headers["Location"] == "/account/email"
    assert client.get_cookie(name).value != before
    assert is_recent(client)
    row = db.session.execute(select(LoginSession)).scalar_one()
    assert row.methods == "password,passkey"


def test_a_signature_does_not_count_twice(member, client, login):
    login(client, member)
    key = add_passkey(client)
    grow_old()
    signed = key.sign(options(client))
    assert show(client, signed).status_code == 302
    grow_old()
    assert show(client, signed).status_code == 422
    assert not is_recent(client)


def test_a_key_that_asks_for_a_touch_only_needs_the_password_too(member, client, login):
    login(client, member)
    key = add_passkey(client, is_verified=False)
    grow_old()
    answer = show(client, key.sign(options(client)))
    assert answer.status_code == 422
    assert 'id="key-password"' in answer.get_data(as_text=True)
    assert show(client, key.sign(options(client)), password="wrong-words").status_code == 422
    assert not is_recent(client)
    assert show(client, key.sign(options(client)), password=PASSWORD).status_code == 302
    assert is_recent(client)


def test_the_passkey_of_another_account_is_refused(member, client, new_client, login):
    login(client, member)
    add_passkey(client)
    other = new_client()
    login(other, make_account("Member"))
    foreign = add_passkey(other)
    grow_old()
    assert show(client, foreign.sign(options(client))).status_code == 422
    assert not is_recent(client)


def test_a_challenge_of_another_session_or_for_another_purpose_is_refused(member, client, new_client, login):
    login(client, member)
    key = add_passkey(client)
    other = new_client()
    signed = key.sign(other.post("/login/passkey/options").json)
    other.post("/login/passkey", data={"credential": signed})
    assert other.get("/account").status_code == 200
    grow_old()
    for foreign in (other.post("/login/again/passkey/options"), client.post("/login/passkey/options")):
        assert show(client, key.sign(foreign.json)).status_code == 422
    assert not is_recent(client)


def test_a_passkey_that_was_removed_meanwhile_is_refused(member, client, login):
    login(client, member)
    key = add_passkey(client)
    asked = options(client)
    passkey_id = re.search(r"passkeys/(\d+)/remove", client.get("/account/security").get_data(as_text=True))
    client.post(f"/account/security/passkeys/{passkey_id[1]}/remove")
    grow_old()
    assert show(client, key.sign(asked)).status_code == 422


@pytest.mark.parametrize("credential", ["", "{}", "nonsense", "[" * 3000, "x" * 30_000])
def test_nonsense_instead_of_a_signature_is_refused(member, client, login, credential):
    login(client, member)
    assert show(client, credential).status_code == 422


def test_with_an_app_the_password_alone_is_not_enough(member, client, login):
    login(client, member)
    app, _codes = add_app(member)
    login_second(client, member, app)
    assert 'name="code"' in text(client)
    for data in ({"password": PASSWORD}, {"password": PASSWORD, "code": "000000"}):
        assert client.post(AGAIN, data=data).status_code == 422
    assert client.post(AGAIN, data={"password": "wrong-words", "code": next_code(app)}).status_code == 422
    assert not is_recent(client)
    assert client.post(AGAIN, data={"password": PASSWORD, "code": next_code(app)}).status_code == 302
    assert is_recent(client)


def login_second(client, member, app):
    """Log in with both factors; the log-in grows old."""
    client.post("/login", data={"email": member.email, "password": PASSWORD})
    client.post("/login/second", data={"code": next_code(app)})
    assert client.get("/account").status_code == 200
    grow_old()


def test_a_code_of_the_app_does_not_count_twice_and_a_wrong_password_does_not_use_it_up(
    member, client, login
):
    app, _codes = add_app(member)
    login_second(client, member, app)
    both = {"password": PASSWORD, "code": next_code(app)}
    assert client.post(AGAIN, data={**both, "password": "wrong-words"}).status_code == 422
    assert client.post(AGAIN, data=both).status_code == 302
    grow_old()
    assert client.post(AGAIN, data=both).status_code == 422


def test_a_recovery_code_stands_for_the_app_once_and_is_told(member, client):
    app, codes = add_app(member)
    login_second(client, member, app)
    both = {"password": PASSWORD, "code": codes[0]}
    assert client.post(AGAIN, data=both).status_code == 302
    assert recovery_codes.how_many_left(member.id) == 9
    assert "core.credential_changed" in templates(member.email)
    actions = set(db.session.execute(select(AuditEntry.action)).scalars())
    assert "account.recovery_code_used" in actions
    grow_old()
    assert client.post(AGAIN, data=both).status_code == 422


def test_codes_are_counted_together_with_those_of_the_log_in(member, client, monkeypatch):
    app, _codes = add_app(member)
    login_second(client, member, app)
    monkeypatch.setattr(second_step, "TRIES_PER_ACCOUNT", 1)
    assert client.post(AGAIN, data={"password": PASSWORD, "code": "000000"}).status_code == 429
    right = client.post(AGAIN, data={"password": PASSWORD, "code": next_code(app)})
    assert right.status_code == 429
    assert int(right.headers["Retry-After"]) >= 60


def test_who_has_no_password_gets_a_code_by_mail(member, client):
    without_password(client, member)
    assert 'name="password"' not in text(client) and 'name="mailed"' not in text(client)
    answer = client.post("/login/again/code?next=/account/email")
    assert answer.headers["Location"] == AGAIN
    assert templates(member.email)[-1] == "core.again_code"
    assert 'name="mailed"' in text(client)
    assert client.post(AGAIN, data={"mailed": code_in(last_mail(member.email))}).status_code == 302
    assert is_recent(client)


def test_a_mailed_code_is_worthless_in_another_session_and_at_the_log_in(member, client, new_client):
    without_password(client, member)
    client.post("/login/again/code")
    code, other = code_in(last_mail(member.email)), new_client()
    without_password(other, member)
    assert other.post(AGAIN, data={"mailed": code}).status_code == 200
    assert not is_recent(other)
    assert other.post("/login/code/enter", data={"code": code}).status_code in (302, 422)
    assert client.post(AGAIN, data={"mailed": code}).status_code == 302


def test_a_mailed_code_counts_once_for_few_tries_and_ten_minutes(member, client):
    without_password(client, member)
    client.post("/login/again/code")
    right = code_in(last_mail(member.email))
    wrong = "000000" if right != "000000" else "000001"
    for _number in range(MOST_TRIES):
        assert client.post(AGAIN, data={"mailed": wrong}).status_code == 422
    assert client.post(AGAIN, data={"mailed": right}).status_code in (200, 422)
    assert not is_recent(client)

    client.post("/login/again/code")
    data = {"mailed": code_in(last_mail(member.email))}
    with transaction():
        db.session.execute(update(MailedToken).values(expires_at=utcnow()))
    assert client.post(AGAIN, data=data).status_code == 200
    assert not is_recent(client)


def test_a_newer_code_replaces_the_one_before(member, client):
    without_password(client, member)
    client.post("/login/again/code")
    first = code_in(last_mail(member.email))
    client.post("/login/again/code")
    second = code_in(last_mail(member.email))
    if first != second:
        assert client.post(AGAIN, data={"mailed": first}).status_code == 422
    assert client.post(AGAIN, data={"mailed": second}).status_code == 302


def test_codes_are_not_mailed_without_end_nor_to_who_has_a_password(member, client, login):
    login(client, member)
    assert client.post("/login/again/code").status_code == 404
    without_password(client, member)
    answers = [client.post("/login/again/code").status_code for _number in range(7)]
    assert answers[0] == 302
    assert answers[-1] == 429


def test_staff_get_no_code_by_mail(app, client, login):
    owner = make_account("Owner")
    login(client, owner)
    with transaction():
        db.session.execute(update(Account).where(Account.id == owner.id).values(password_hash=None))
    assert client.post("/login/again/code").status_code == 404


def test_without_a_password_the_app_is_asked_for_beside_the_mailed_code(member, client):
    app, _codes = add_app(member)
    without_password_but_app(client, member, app)
    client.post("/login/again/code")
    code = code_in(last_mail(member.email))
    assert client.post(AGAIN, data={"mailed": code}).status_code == 422
    assert client.post(AGAIN, data={"mailed": code, "code": next_code(app)}).status_code == 302


def without_password_but_app(client, member, app):
    """Log in by a mailed code and the app."""
    with transaction():
        db.session.execute(update(Account).where(Account.id == member.id).values(password_hash=None))
    client.post("/login/code", data={"email": member.email})
    client.post("/login/code/enter", data={"code": code_in(last_mail(member.email))})
    client.post("/login/second", data={"code": next_code(app)})
    grow_old()


def test_of_two_requests_at_once_one_uses_the_mailed_code(member, client, new_client):
    without_password(client, member)
    client.post("/login/again/code")
    data = {"mailed": code_in(last_mail(member.email))}
    twin = twin_of(client, new_client)
    answers = at_once(
        client.application, *(lambda c=c: c.post(AGAIN, data=data).status_code for c in (client, twin))
    )
    assert sorted(answers).count(302) == 1


def test_of_two_requests_at_once_one_uses_the_code_of_the_app(member, client, new_client):
    app, _codes = add_app(member)
    login_second(client, member, app)
    data = {"password": PASSWORD, "code": next_code(app)}
    twin = twin_of(client, new_client)
    answers = at_once(
        client.application, *(lambda c=c: c.post(AGAIN, data=data).status_code for c in (client, twin))
    )
    assert sorted(answers) == [302, 422]


def test_the_right_password_sent_twice_at_once_renews_the_token_once(
    member, client, new_client, login, monkeypatch
):
    login(client, member)
    grow_old()
    twin, name = twin_of(client, new_client), client.application.extensions["kaiin"].cookie_name
    before, both_checked, verify = (
        client.get_cookie(name).value,
        Barrier(2, timeout=20),
        passwords.verify_password,
    )

    def verify_together(stored, password):
        both_checked.wait()
        return verify(stored, password)

    monkeypatch.setattr(passwords, "verify_password", verify_together)
    again = {"password": PASSWORD}
    answers = at_once(
        client.application, *(lambda c=c: c.post(AGAIN, data=again).status_code for c in (client, twin))
    )
    assert answers == [302, 302]
    renewed = [c for c in (client, twin) if c.get_cookie(name).value != before]
    assert len(renewed) == 1
    assert is_recent(renewed[0])


def twin_of(client, new_client):
    """Return another connection of the same browser."""
    twin, kaiin = new_client(), client.application.extensions["kaiin"]
    for name in (kaiin.cookie_name, kaiin.browser_cookie_name):
        twin.set_cookie(name, client.get_cookie(name).value)
    return twin


def test_staff_see_it_in_the_admin(app, client, login):
    login(client, make_account("Owner"))
    page = text(client)
    assert "k-card" in page and 'name="password"' in page
    add_passkey(client, "/admin/me/security")
    assert "data-passkey" in text(client)


def test_guests_get_no_options(app, client):
    assert client.post("/login/again/passkey/options").status_code == 401
    assert client.post("/login/again/passkey").headers["Location"] == "/login"
    assert client.post("/login/again/code").headers["Location"] == "/login"


def test_the_page_says_nothing_of_which_of_the_two_was_wrong(member, client):
    app, _codes = add_app(member)
    login_second(client, member, app)
    one = client.post(AGAIN, data={"password": PASSWORD, "code": "000000"})
    other = client.post(AGAIN, data={"password": "wrong-words", "code": next_code(app)})
    typed = re.compile(r'value="\d{6}" ')
    assert typed.sub("", words(one)) == typed.sub("", words(other))
