import re
from urllib.parse import parse_qs, urlsplit

import pytest
from itsdangerous import TimestampSigner

from core.accounts.member_link import (
    customer_of_number,
    linked_url,
    read_member_link,
    resolve_member_link,
)
from core.content.services import save_page
from core.customers.erasing import erase_customer
from core.db import transaction
from core.plugin_host.snapshot import use_current_snapshot
from core.security.signing import sign
from core.testing.factories import PASSWORD, make_account, make_customer
from tests.journey_kit import set_site


@pytest.fixture
def page(app):
    def write(text):
        with transaction():
            save_page(
                {"slug": "tags", "title": "タグ", "body": text, "status": "published", "visibility": "public"}
            )
        use_current_snapshot()

    return write


def test_the_log_in_form_on_a_page_logs_in_and_leads_back_there(page, client):
    page("[login_form]")
    make_account("Member", email="hana@example.jp")
    text = client.get("/tags").text
    assert 'action="/login"' in text and 'name="next" value="/tags"' in text
    form = {"email": "hana@example.jp", "password": PASSWORD, "next": "/tags"}
    assert client.post("/login", data=form).headers["Location"] == "/tags"
    assert 'action="/login"' not in client.get("/tags").text


def test_the_registration_form_is_there_for_guests_while_registration_is_open(page, client, login):
    page("[register_form]")
    assert 'action="/register"' not in client.get("/tags").text
    set_site(registration="open", registration_fields=["family_name"], consent="約束です")
    text = client.get("/tags").text
    assert 'action="/register"' in text and 'name="family_name"' in text and "約束です" in text
    login(client, make_account("Member"))
    assert 'action="/register"' not in client.get("/tags").text


def test_the_panel_shows_members_their_pages_and_guests_the_ways_in(page, client, login):
    page("[member_panel]")
    assert "/login?next=/tags" in client.get("/tags").text
    login(client, make_account("Member"))
    text = client.get("/tags").text
    assert "/account/profile" in text and 'action="/logout"' in text


def test_the_link_to_my_page_is_for_members_only(page, client, login):
    page('[mypage_link page="profile" text="登録情報へ"]')
    assert "登録情報へ" not in client.get("/tags").text
    login(client, make_account("Member"))
    assert 'href="/account/profile"' in client.get("/tags").text


def test_a_member_link_is_signed_holds_no_personal_data_and_can_be_checked(page, client, new_client, login):
    page('[member_link url="https://partner.example/survey?q=1" text="アンケート"]')
    assert "アンケート" not in client.get("/tags").text
    member = make_account("Member", email="hana@example.jp")
    login(client, member)
    href = re.search(r'href="(https://partner[^"]+)"', client.get("/tags").text)[1].replace("&amp;", "&")
    assert "hana" not in href
    query = parse_qs(urlsplit(href).query)
    assert query["q"] == ["1"]
    answer = new_client().get("/member-link", query_string={"token": query["member"][0]})
    assert (answer.json["valid"], answer.json["for"]) == (True, "partner.example")
    forged = new_client().get("/member-link", query_string={"token": query["member"][0][:-2] + "xx"})
    assert (forged.status_code, forged.json) == (404, {"valid": False})


def test_a_member_is_another_number_on_another_site(app, client):
    customer = make_customer()

    def number(host):
        token = parse_qs(urlsplit(linked_url(f"https://{host}/", customer.id)).query)["member"][0]
        return client.get("/member-link", query_string={"token": token}).json["member"]

    assert number("a.example") == number("a.example") != number("b.example")


def token_for(host, customer_id):
    return parse_qs(urlsplit(linked_url(f"https://{host}/", customer_id)).query)["member"][0]


def test_only_this_site_turns_a_member_link_back_into_the_customer(app):
    customer = make_customer()
    token = token_for("a.example", customer.id)
    assert resolve_member_link(token, host="a.example") == customer.id
    assert resolve_member_link(token, host="b.example") is None
    assert resolve_member_link(token, host="a.example", max_age=-1) is None
    other = sign("another.purpose", {"n": "x", "h": "a.example"})
    assert resolve_member_link(other, host="a.example") is None
    for forged in ("", "x", token[:-2] + "xx", "é" * 3000):
        assert resolve_member_link(forged, host="a.example") is None


def test_a_member_link_resolves_for_an_hour_and_its_number_while_the_customer_is_there(app, monkeypatch):
    customer = make_customer()
    token = token_for("a.example", customer.id)
    number = read_member_link(token).number
    real = TimestampSigner.get_timestamp
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda signer: real(signer) + 3661)
    assert resolve_member_link(token, host="a.example", max_age=10**9) is None
    assert customer_of_number(number, host="a.example") == customer.id
    assert customer_of_number(number, host="b.example") is None
    for bad in ("", "zz", "00" * 24, "00" * 5000, number[:-2] + "00"):
        assert customer_of_number(bad, host="a.example") is None
    with transaction():
        erase_customer(customer.id)
    assert customer_of_number(number, host="a.example") is None


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example",
        "javascript:alert(1)",
        "//a.example",
        "/local",
        "https://u:p@a.example",
        "https://[",
        "https:\\\\a",
    ],
)
def test_a_member_link_leads_to_https_addresses_only(app, url):
    assert linked_url(url, 1) is None
