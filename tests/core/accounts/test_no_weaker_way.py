"""Every way to log in, against every state of an account: none is weaker than another (ASVS V6.3.4)."""

import pytest

from core.accounts.factors.second_step import must_ask
from core.accounts.models import AccountState
from core.accounts.services import set_state
from core.db import transaction
from core.testing.factories import PASSWORD, make_account
from tests.core.accounts.factor_kit import add_app
from tests.journey_kit import NEW_PASSWORD, code_in, last_mail, path_in

CHOSEN = {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD}


def by_password(client, account, _mail):
    client.post("/login", data={"email": account.email, "password": PASSWORD})


def by_mailed_code(client, account, mail):
    client.post("/login/code/enter", data={"code": code_in(mail)})


def by_mailed_link(client, account, mail):
    client.post(path_in(mail))


def by_reset(client, account, mail):
    client.post(path_in(mail), data=CHOSEN)
    client.post("/login", data={"email": account.email, "password": NEW_PASSWORD})


ADDRESSES = {
    "/first-run/<token>",
    "/forgotten",
    "/forgotten/<token>",
    "/login",
    "/login/again",
    "/login/again/code",
    "/login/again/passkey",
    "/login/again/passkey/options",
    "/login/choose",
    "/login/code",
    "/login/code/enter",
    "/login/link/<token>",
    "/login/passkey",
    "/login/passkey/options",
    "/login/second",
    "/login/second/passkey",
    "/login/second/passkey/options",
    "/login/second/recovery",
    "/register",
    "/register/confirm/<token>",
}
ASKS = {
    by_password: None,
    by_mailed_code: "/login/code",
    by_mailed_link: "/login/code",
    by_reset: "/forgotten",
}


def try_in(client, account, way, then):
    """Ask for what the way needs, let `then` happen, and go on."""
    mail = None
    if ASKS[way]:
        client.post(ASKS[way], data={"email": account.email})
        mail = last_mail(account.email)
    then()
    way(client, account, mail)
    return client.get("/account").status_code == 200


@pytest.mark.parametrize("way", ASKS)
def test_each_way_logs_in_an_open_account_without_factors(client, way):
    assert try_in(client, make_account("Member"), way, lambda: None)


@pytest.mark.parametrize("way", ASKS)
def test_v6_4_3_no_way_goes_past_the_second_factor(client, way):
    account = make_account("Member")
    add_app(account)
    assert must_ask(account)
    assert not try_in(client, account, way, lambda: None)
    assert client.get("/login/second").status_code == 200, "the second step waits"


@pytest.mark.parametrize("way", ASKS)
def test_no_way_opens_an_account_that_was_closed_meanwhile(client, way):
    account = make_account("Member")

    def close():
        with transaction():
            set_state(account.id, AccountState.DISABLED)

    assert not try_in(client, account, way, close)
    assert client.get("/login/second").status_code != 200


def test_v6_1_3_the_ways_are_these_and_no_others(app):
    addresses = {rule.rule for rule in app.url_map.iter_rules() if "POST" in rule.methods}
    assert {
        a for a in addresses if a.startswith(("/login", "/forgotten", "/first-run", "/register"))
    } == ADDRESSES
