from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select, update

from core.db import db, transaction, utcnow
from core.security.models import ThrottleCount
from core.security.network import network_of
from core.security.throttling import hit, prune_throttle


def test_hits_within_the_limit_pass_and_the_next_one_does_not(app):
    with transaction():
        assert [hit("t", "key", limit=3, seconds=600) for _ in range(4)] == [True, True, True, False]
        assert hit("t", "other key", limit=3, seconds=600)
        assert hit("other scope", "key", limit=3, seconds=600)


def test_hits_from_many_threads_are_all_counted(app):
    def one(_):
        with app.app_context(), transaction():
            return hit("t", "key", limit=10, seconds=600)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(40))) == 10


def test_keys_are_stored_as_hashes_only(app):
    with transaction():
        hit("t", "taro@example.jp", limit=3, seconds=600)
    row = db.session.execute(select(ThrottleCount)).scalar_one()
    assert len(row.key_hash) == 32
    assert b"taro" not in row.key_hash


def test_old_counters_are_pruned(app):
    with transaction():
        hit("t", "key", limit=3, seconds=600)
        db.session.execute(update(ThrottleCount).values(ends_at=utcnow()))
        assert prune_throttle() == 1


def test_an_ipv6_network_shares_one_key_and_mapped_addresses_are_ipv4():
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:2") == "2001:db8::/64"
    assert network_of("2001:db8:0:1::1") != network_of("2001:db8::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("nonsense") == network_of("") == "unknown"
