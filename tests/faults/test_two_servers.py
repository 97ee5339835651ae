"""Two real servers on one database: what the owner does in one holds in the other at its next request."""

import pytest

from tests.faults.visitors import Visitor
from tests.live_site import live_site
from tests.shop_kit import OWNER, canary

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def site(tmp_path_factory, template_database):
    with live_site(tmp_path_factory.mktemp("site"), template_database, workers=1) as running:
        yield running


@pytest.fixture(scope="module")
def other(site):
    with site.another_server() as server:
        yield server


@pytest.fixture
def owner(site):
    visitor = Visitor(site.url)
    visitor.log_in(OWNER)
    return visitor


def press(owner, screen, path):
    """Use a button of an admin screen."""
    answer = owner.post(path, {"csrf_token": owner.fields_of(screen)["csrf_token"]})
    assert answer.status == 302, answer


def test_a_plugin_switched_off_in_one_is_gone_in_the_other_at_once(site, other, owner):
    guest, gold = Visitor(other.url), Visitor(other.url)
    gold.log_in(site.shop.emails["gold"])
    for _round in range(3):
        assert guest.get("/forms/contact").status == 200
        press(owner, "/admin/plugins/contact_forms/disable", "/admin/plugins/contact_forms/disable")
        assert guest.get("/forms/contact").status == 404
        assert guest.send({"message": "x"}).status == 404
        press(owner, "/admin/plugins", "/admin/plugins/contact_forms/enable")
        assert canary("gold") in gold.get("/gold").text
        press(owner, "/admin/plugins/member_tiers/disable", "/admin/plugins/member_tiers/disable")
        assert canary("gold") not in gold.get("/gold").text
        press(owner, "/admin/plugins", "/admin/plugins/member_tiers/enable")
        assert canary("gold") in gold.get("/gold").text


def test_logging_out_in_one_ends_the_session_in_the_other(site, other):
    here, there = Visitor(site.url), Visitor(other.url)
    here.log_in(site.shop.emails["free"])
    there._opener = here._opener  # the same cookies: one browser, two processes
    assert there.get("/account").status == 200
    here.post("/logout", {"csrf_token": here.fields_of("/account")["csrf_token"]})
    assert there.get("/account").status == 302


def test_ten_megabytes_are_refused_by_the_real_server_too(site):
    visitor = Visitor(site.url)
    filled = visitor.fill_in()
    try:
        status = visitor.send({**filled, "message": "x" * 10_000_000}).status
    except OSError:
        status = 413  # it may hang up before everything is sent
    assert status == 413
    assert visitor.send(visitor.fill_in()).receipt
