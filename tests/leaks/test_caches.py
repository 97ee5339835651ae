"""Two people behind one cache (L10): the cache keeps what it may, and nobody meets another's answer."""

import re

import pytest

from core.content.services import save_page
from core.db import transaction
from core.testing.factories import make_account, make_customer

SECRET = "Canary10c4"


class CachingProxy:
    """A shared cache as many stand before sites: it obeys Cache-Control and, if told so, Vary.

    Without Vary it is a careless one, as some are: only what is never kept is safe from it.
    """

    def __init__(self, *, heeds_vary: bool) -> None:
        self.heeds_vary = heeds_vary
        self.kept = {}
        self.hits = 0

    def get(self, client, path, **headers):
        for varied, answer in self.kept.get(path, []):
            if not self.heeds_vary or all(self._asked(client, headers, name) == was for name, was in varied):
                self.hits += 1
                return answer
        answer = client.get(path, headers=headers)
        rule = answer.headers.get("Cache-Control", "")
        may_keep = "max-age" in rule and not re.search("private|no-store|no-cache", rule)
        if may_keep and answer.status_code == 200:
            names = [name.strip() for name in answer.headers.get("Vary", "").split(",") if name.strip()]
            varied = [(name, self._asked(client, headers, name)) for name in names]
            self.kept.setdefault(path, []).append((varied, answer))
        return answer

    @staticmethod
    def _asked(client, headers, name):
        if name != "Cookie":
            return headers.get(name)
        cookies = client._cookies or {}
        return sorted(f"{cookie.key}={cookie.value}" for cookie in cookies.values())


@pytest.fixture
def pages(app):
    with transaction():
        for slug, visibility in (("open", "public"), ("closed", "members")):
            body = f"{slug} {SECRET if visibility == 'members' else ''}"
            save_page(
                {"title": slug, "slug": slug, "body": body, "visibility": visibility, "status": "published"}
            )


PATHS = (
    "/",
    "/open",
    "/closed",
    "/closed.json",
    "/open.json",
    "/feed.xml",
    f"/search?q={SECRET}",
    "/account",
)


@pytest.mark.parametrize("heeds_vary", [True, False])
@pytest.mark.parametrize("member_first", [True, False])
def test_two_people_behind_one_cache_each_get_their_own(pages, visit, heeds_vary, member_first) -> None:
    names = ("蕗", "葵")
    members = [make_account("Member", customer=make_customer(family_name=name)) for name in names]
    people = [visit(member.email) for member in members] + [visit()]
    proxy = CachingProxy(heeds_vary=heeds_vary)
    order = people if member_first else people[::-1]
    got = {}
    for _round in range(2):
        for path in PATHS:
            for person in order:
                got[person, path] = proxy.get(person, path).text
    guest = people[2]
    assert not any(SECRET in got[guest, path] for path in PATHS if "search" not in path)
    assert 'href="/closed"' not in got[guest, f"/search?q={SECRET}"]
    for person, own, other in ((people[0], *names), (people[1], *names[::-1])):
        assert SECRET in got[person, "/closed"]
        assert SECRET in got[person, "/closed.json"]
        assert own in got[person, "/account"]
        assert not any(other in got[person, path] for path in PATHS)
    assert not any(name in got[guest, path] for name in names for path in PATHS)


def test_a_cache_that_keeps_public_pages_is_of_use(pages, visit) -> None:
    proxy = CachingProxy(heeds_vary=True)
    for _round in range(2):
        proxy.get(visit(), "/open")
    assert proxy.hits == 1


def test_a_cache_that_is_told_to_keep_private_answers_mixes_people_up(pages, visit, monkeypatch) -> None:
    """The proxy of these tests would show a leak."""
    monkeypatch.setattr("core.content.caching.PRIVATE", "public, max-age=60")
    member = make_account("Member")
    proxy = CachingProxy(heeds_vary=False)
    proxy.get(visit(member.email), "/closed")
    assert SECRET in proxy.get(visit(), "/closed").text
