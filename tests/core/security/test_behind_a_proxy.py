"""Behind one trusted proxy: it says who asked and whether by https, and never under which name."""

import pytest
from flask import request
from sqlalchemy import select

from core.accounts.models import LoginSession
from core.db import db
from core.security.access import public
from core.security.network import client_network
from core.testing.factories import PASSWORD, make_account
from core.testing.fixtures import Client, make_app, opened
from tests.core.accounts.test_mail_links import EVERYTHING, EVIL, POISONS, UNKNOWN_HOSTS, URLS
from tests.journey_kit import mails, set_site

PROXY = "10.0.0.7"
VISITOR = "203.0.113.9"
SPOOFED = ("198.51.100.1", "127.0.0.1", "unknown", EVIL, "", "'; --", "::1", "a" * 3000)


@pytest.fixture
def behind(database_url, tmp_path):
    """A site that trusts one proxy, as KAIIN_PROXY_HOPS=1 says."""
    app = make_app(tmp_path, database_url, proxy_hops=1)
    app.test_client_class = Client

    @app.get("/_test/who")
    @public
    def who():
        return f"{client_network()} {request.scheme} {request.host}"

    with opened(app):
        yield app


def send(app, method="GET", path="/_test/who", *, came_from=VISITOR, data=None, **headers):
    """Send what the proxy hands on: what the visitor claimed, then the visitor's true address."""
    claimed = headers.pop("HTTP_X_FORWARDED_FOR", None)
    chain = came_from if claimed is None else f"{claimed}, {came_from}"
    environ = {"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": chain, **headers}
    return app.test_client().open(path, method=method, data=data, environ_overrides=environ)


def test_the_address_that_the_proxy_added_counts(behind):
    assert send(behind).text == f"{VISITOR} http localhost"


@pytest.mark.parametrize("claimed", SPOOFED, ids=range(len(SPOOFED)))
def test_what_the_visitor_claims_to_the_left_of_it_does_not(behind, claimed):
    assert send(behind, HTTP_X_FORWARDED_FOR=claimed).text.startswith(f"{VISITOR} ")
    assert send(behind, HTTP_X_FORWARDED_FOR=f"{claimed}, {claimed}").text.startswith(f"{VISITOR} ")


@pytest.mark.parametrize(
    "header", ["HTTP_X_REAL_IP", "HTTP_CLIENT_IP", "HTTP_TRUE_CLIENT_IP", "HTTP_FORWARDED"]
)
def test_other_headers_with_addresses_mean_nothing(behind, header):
    answer = send(behind, **{header: "for=198.51.100.1" if header.endswith("FORWARDED") else "198.51.100.1"})
    assert answer.text.startswith(f"{VISITOR} ")


def test_without_a_word_of_the_proxy_it_is_the_proxy_itself_that_asks(behind):
    answer = behind.test_client().get("/_test/who", environ_overrides={"REMOTE_ADDR": PROXY})
    assert answer.text.startswith(f"{PROXY} ")


def test_claimed_addresses_are_no_way_around_the_waits(behind):
    account = make_account("Member")
    statuses = []
    for n in range(8):
        typed = {"email": account.email, "password": "wrong-" * 3}
        answer = send(behind, "POST", "/login", data=typed, HTTP_X_FORWARDED_FOR=f"198.51.100.{n}")
        statuses.append(answer.status_code)
    assert statuses[:5] == [422] * 5 and 429 in statuses[5:]


def test_one_visitor_does_not_slow_down_another_behind_the_same_proxy(behind):
    account = make_account("Member")
    for _n in range(8):
        send(behind, "POST", "/login", data={"email": account.email, "password": "wrong-" * 3})
    typed = {"email": account.email, "password": PASSWORD}
    assert send(behind, "POST", "/login", data=typed, came_from="203.0.113.200").status_code == 302


def test_the_place_kept_beside_a_session_is_the_visitors(behind):
    account = make_account("Member")
    typed = {"email": account.email, "password": PASSWORD}
    send(behind, "POST", "/login", data=typed, HTTP_X_FORWARDED_FOR="198.51.100.1")
    assert db.session.execute(select(LoginSession.network)).scalar_one() == "203.0.113.*"


@pytest.mark.parametrize("poison", POISONS, ids=POISONS)
def test_no_header_says_under_which_name_the_site_answers(behind, poison):
    set_site(registration="open")
    account = make_account("Member", email="taro@example.jp")
    # Of another name the visitor's browser has no cookie, and so the form no token that fits.
    is_refused = "HTTP_HOST" in POISONS[poison]
    for path in ("/forgotten", "/login/code", "/register"):
        answer = send(behind, "POST", path, data={"email": account.email}, **POISONS[poison])
        assert answer.status_code == (400 if is_refused else 200 if path != "/login/code" else 302)
        assert EVIL not in answer.text and EVIL not in str(answer.headers)
    assert len(mails()) == (0 if is_refused else 3)
    links = [link for mail in mails() for link in URLS.findall(f"{mail.subject}\n{mail.text}\n{mail.html}")]
    assert all(link.startswith("http://localhost/") or link == "http://localhost" for link in links), links


def test_redirects_stay_where_they_are_whatever_the_proxy_hands_on(behind):
    environ = {name: value for name, value in EVERYTHING.items() if name != "HTTP_HOST"}
    for path in ("/admin", "/account", "/admin/settings/", "/no/such/page"):
        answer = send(behind, path=path, **environ)
        assert EVIL not in answer.text
        assert answer.headers.get("Location", "/").startswith("/")


@pytest.mark.parametrize("host", UNKNOWN_HOSTS)
def test_unknown_hosts_are_refused_here_too_in_silence(behind, host, caplog):
    make_account("Member", email="taro@example.jp")
    forwarded = {"HTTP_HOST": host, "HTTP_X_FORWARDED_HOST": "localhost"}
    assert (
        send(behind, "POST", "/forgotten", data={"email": "taro@example.jp"}, **forwarded).status_code == 400
    )
    assert mails() == []
