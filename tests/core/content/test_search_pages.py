"""The search in pages, its limit per network, and what it and the feeds ask of the database."""

import re

import pytest

from core.content import views_search
from core.content.feeds.services import make_address
from core.db import transaction
from core.testing.factories import make_account, make_customer

WORDS = "お茶"


def titles(answer) -> list[str]:
    return re.findall(r'class="list-title" href="/(\w+)"', answer.text)


def many(make_page, number: int, **values) -> None:
    for place in range(number):
        make_page(f"tea{place}", title=f"お茶の会 {place}", **values)


class TestPages:
    def test_what_was_found_is_shown_in_pages_that_lead_to_each_other(self, client, make_page) -> None:
        many(make_page, 45)
        first = client.get(f"/search?q={WORDS}")
        assert len(titles(first)) == 20
        assert "45" in first.text
        assert 'rel="prev"' not in first.text
        seen, answer = titles(first), first
        while more := re.search(r'rel="next" href="([^"]+)"', answer.text):
            answer = client.get(more[1].replace("&amp;", "&"))
            seen += titles(answer)
        assert sorted(seen) == sorted(f"tea{place}" for place in range(45))
        back = re.search(r'rel="prev" href="([^"]+)"', answer.text)[1].replace("&amp;", "&")
        assert titles(client.get(back)) == seen[20:40]

    def test_one_page_leads_nowhere(self, client, make_page) -> None:
        many(make_page, 20)
        text = client.get(f"/search?q={WORDS}").text
        assert "rel=" not in text[text.index("search-results") :].partition("</main>")[0]

    @pytest.mark.parametrize(
        "page", ["0", "-1", "99", "9999", "x", "²", "9" * 5000, "1.5", "%00", "%ED%A0%80"]
    )
    def test_a_page_that_is_not_there_is_the_nearest_one(self, page, client, make_page) -> None:
        many(make_page, 21)
        answer = client.get(f"/search?q={WORDS}&page={page}")
        assert answer.status_code in (200, 400)
        assert answer.status_code == 400 or len(titles(answer)) == (1 if page in ("99", "9999") else 20)

    def test_closed_pages_count_only_for_their_readers(self, client, new_client, login, make_page) -> None:
        many(make_page, 25, visibility="members", body="抹茶")
        assert titles(client.get("/search?q=抹茶")) == []
        member = new_client()
        login(member, make_account("Member", customer=make_customer()))
        assert len(titles(member.get("/search?q=抹茶&page=2"))) == 5


class TestLimit:
    def test_too_many_searches_of_a_network_are_asked_to_wait(self, client, make_page, monkeypatch) -> None:
        make_page("tea", title="お茶")
        monkeypatch.setattr(views_search, "PER_NETWORK", 3)
        answers = [client.get(f"/search?q={WORDS}") for _again in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        refused = answers[3]
        assert refused.headers["Retry-After"] == "60"
        assert refused.headers["Cache-Control"] == "private, no-store"
        assert "1分ほど" in refused.text
        assert f'value="{WORDS}"' in refused.text
        assert titles(refused) == []
        assert client.get("/search").status_code == 200
        elsewhere = client.get(f"/search?q={WORDS}", environ_base={"REMOTE_ADDR": "203.0.113.9"})
        assert elsewhere.status_code == 200


class TestQueries:
    """As many questions for two pages as for sixty, whoever asks."""

    def asked(self, client, query_counter, path: str) -> int:
        client.get(path)
        with query_counter() as queries:
            assert client.get(path).status_code == 200
        return queries.count

    @pytest.mark.parametrize("who", ["guest", "member"])
    @pytest.mark.parametrize("visibility", ["public", "members", "restricted"])
    def test_the_search_asks_the_same_however_much_it_finds(
        self, who, visibility, client, login, make_page, query_counter, enable_plugins
    ) -> None:
        enable_plugins("member_tiers")
        if who == "member":
            login(client, make_account("Member", customer=make_customer()))
        rule = {"field": "points", "op": "gte", "value": 0} if visibility == "restricted" else None
        counts = []
        for number in (2, 60):
            for place in range((counts and 2) or 0, number):
                make_page(f"tea{place}", title="x", body=WORDS, visibility=visibility, rule=rule)
            counts.append(self.asked(client, query_counter, f"/search?q={WORDS}"))
        assert counts[1] == counts[0] <= 16

    def test_rules_of_their_own_cost_one_question_for_fifty_of_them(
        self, client, login, make_page, query_counter, enable_plugins
    ) -> None:
        enable_plugins("member_tiers")
        login(client, make_account("Member", customer=make_customer()))
        for place in range(60):
            rule = {"field": "points", "op": "gte", "value": place}
            make_page(f"tea{place}", title="x", body=WORDS, visibility="restricted", rule=rule)
        answer = client.get(f"/search?q={WORDS}")
        assert titles(answer) == ["tea0"]
        assert self.asked(client, query_counter, f"/search?q={WORDS}") <= 17

    @pytest.mark.parametrize("feed", ["/feed.xml", "/feed.rss", "own"])
    def test_feeds_ask_the_same_however_many_pages_there_are(
        self, feed, client, make_page, query_counter, enable_plugins
    ) -> None:
        enable_plugins("member_tiers")
        member = make_account("Member", customer=make_customer())
        with transaction():
            token = make_address(member.id)
        path = f"/feed/{token}.xml" if feed == "own" else feed
        rule = {"field": "points", "op": "gte", "value": 0}
        counts = []
        for number in (20, 60):
            for place in range((counts and 20) or 0, number):
                make_page(f"tea{place}", body=WORDS, visibility="restricted", rule=rule)
            counts.append(self.asked(client, query_counter, path))
        assert counts[1] == counts[0] <= 12
