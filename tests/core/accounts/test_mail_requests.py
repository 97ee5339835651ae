"""How often a mail can be asked for: a stranger shuts nobody out, and nobody's mailbox is flooded."""

import pytest

from core.accounts import throttle
from core.testing.factories import make_account
from tests.journey_kit import mails, set_site

OWNER, STRANGER = "203.0.113.7", "198.51.100.9"
PATHS = {"/login/code": 302, "/forgotten": 200, "/register": 200}


@pytest.fixture
def member(app):
    set_site(registration="open")
    return make_account("Member")


@pytest.fixture
def ask(new_client):
    def asking(path, email, network):
        """Ask once from a network, in a fresh browser; return the status."""
        origin = {"REMOTE_ADDR": network}
        return new_client().post(path, data={"email": email}, environ_overrides=origin).status_code

    return asking


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_who_asks_for_ever_leaves_the_owner_a_way_in(member, ask, path):
    statuses = [ask(path, member.email, STRANGER) for _ in range(40)]
    assert statuses == [PATHS[path]] * throttle.PER_ADDRESS_HERE + [429] * 35
    assert ask(path, member.email, OWNER) == PATHS[path]


@pytest.mark.parametrize("path", PATHS)
def test_a_mailbox_gets_so_many_an_hour_from_however_many_networks(member, ask, path):
    statuses = [ask(path, member.email, f"198.51.100.{n}") for n in range(30)]
    assert statuses == [PATHS[path]] * throttle.PER_ADDRESS + [429] * 10
    assert len(mails(member.email)) == throttle.PER_ADDRESS


def test_addresses_without_an_account_are_counted_alike(member, ask):
    for path in PATHS:
        asked = [
            [ask(path, email, network) for network in [STRANGER] * 7 + [f"192.0.2.{n}" for n in range(20)]]
            for email in (member.email, "nobody@example.jp")
        ]
        assert asked[0] == asked[1]


def test_a_network_asks_for_so_many_mails_whatever_the_addresses(member, ask):
    statuses = [ask("/forgotten", f"x{n}@example.jp", STRANGER) for n in range(32)]
    assert statuses == [200] * throttle.PER_NETWORK + [429] * 2
    assert ask("/forgotten", "x31@example.jp", OWNER) == 200


def test_what_a_network_is_refused_uses_up_nothing_of_the_address(member, ask):
    for n in range(throttle.PER_NETWORK):
        ask("/forgotten", f"x{n}@example.jp", STRANGER)
    for _again in range(throttle.PER_ADDRESS):
        assert ask("/forgotten", member.email, STRANGER) == 429
    statuses = [ask("/forgotten", member.email, f"192.0.2.{n}") for n in range(throttle.PER_ADDRESS)]
    assert statuses == [200] * throttle.PER_ADDRESS


def test_an_ipv6_network_is_one_asker(member, ask):
    statuses = [ask("/forgotten", member.email, f"2001:db8::{n}") for n in range(1, 8)]
    assert statuses == [200] * throttle.PER_ADDRESS_HERE + [429] * 2
