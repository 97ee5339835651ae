"""Metered reading, the linter, the trace, and what a page of many parts costs."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select
from tiers_kit import SECRET, Customer, give, join, make_member, make_page

from core.content.services import save_page
from core.db import db, transaction
from core.i18n import site_today
from core.testing.factories import make_staff
from plugins.member_tiers import merging, people
from plugins.member_tiers.jobs import jobs as registered_jobs
from plugins.member_tiers.models import MeteredRead
from plugins.member_tiers.rules import jobs, linter, metering
from plugins.member_tiers.rules.services import save_allowances, save_rule
from plugins.member_tiers.rules.trace import trace
from plugins.member_tiers.services import save_tier

GOLD = {"field": "tier", "op": "eq", "value": "gold"}


class Progress:
    def progress(self, done: int, total: int | None = None) -> None:
        """Take the count."""


@pytest.fixture
def metered(tiers: Any) -> list[str]:
    """Four metered pages for gold members; guests read two a month, members three, silver ones four."""
    with transaction():
        save_rule({"key": "gold", "title": "Gold", "condition": GOLD, "is_metered": True})
        save_allowances({"guest": 2, "member": 3, "silver": 4})
    for number in range(5):
        content = make_page(f"m{number}")
        with transaction():
            save_page({"rule_name": "gold"}, page_id=content.id)
    return [f"/m{number}" for number in range(5)]


def read(client: Any, paths: list[str]) -> list[int]:
    return [client.get(path).status_code for path in paths]


class TestMetering:
    def test_a_guest_reads_so_many_pages_each_counted_once(self, metered, client) -> None:
        assert read(client, [metered[0], metered[0], metered[1], metered[0]]) == [200] * 4
        assert read(client, [metered[2], metered[1]]) == [403, 200]
        assert SECRET not in client.get(metered[2]).text

    def test_what_a_guest_read_counts_on_after_the_log_in(self, metered, client, login) -> None:
        read(client, metered[:2])
        account = make_member()
        login(client, account)
        assert read(client, [metered[2], metered[3], metered[0]]) == [200, 403, 200]
        month = metering.month_of(site_today())
        assert len(metering.reads_of(account.customer_id, month)) == 3
        assert client.get_cookie("kaiin_reads") is None

    def test_a_tier_reads_what_is_set_for_it_and_the_next_month_begins_anew(
        self, metered, tiers, client, login, monkeypatch
    ) -> None:
        account = make_member()
        join(Customer(account), tiers["silver"])
        login(client, account)
        assert read(client, metered) == [200, 200, 200, 200, 403]
        later = (site_today().replace(day=1) + dt.timedelta(days=32)).replace(day=1)
        monkeypatch.setattr(metering, "site_today", lambda: later)
        assert client.get(metered[4]).status_code == 200
        with transaction():
            assert metering.forget_old_reads(later + dt.timedelta(days=40)) == 4

    def test_who_may_read_anyway_is_not_counted(self, metered, tiers, client, login) -> None:
        account = make_member()
        join(Customer(account), tiers["gold"])
        login(client, account)
        assert read(client, metered) == [200] * 5
        assert db.session.query(MeteredRead).count() == 0

    @pytest.mark.parametrize("value", ["", "x", "WyJ4Il0.x.y", "\x00"])
    def test_a_forged_cookie_says_nothing(self, value, metered, client) -> None:
        client.set_cookie("kaiin_reads", value)
        assert read(client, metered[:3]) == [200, 200, 403]

    def test_what_was_read_follows_the_person_when_customers_are_merged_reported_and_erased(
        self, metered, client, login
    ) -> None:
        first, second = make_member(), make_member()
        for account, paths in ((first, metered[:2]), (second, metered[1:4])):
            login(client, account)
            read(client, paths)
        month = metering.month_of(site_today())
        with transaction():
            noted = merging.merge(first.customer_id, second.customer_id)
        assert len(metering.reads_of(first.customer_id, month)) == 4
        with transaction():
            merging.unmerge(first.customer_id, second.customer_id, noted)
        assert len(metering.reads_of(second.customer_id, month)) == 3
        assert len(people.report(second.customer_id)["metered_reads"]) == 3
        with transaction():
            people.erase(second.customer_id)
        assert metering.reads_of(second.customer_id, month) == set()

    def test_what_was_read_before_the_last_month_is_forgotten_by_the_daily_job(
        self, tiers, monkeypatch
    ) -> None:
        customer, today = make_member().customer_id, dt.date(2027, 3, 1)
        months = [dt.date(2026, 12, 1), dt.date(2027, 1, 1), dt.date(2027, 2, 1), dt.date(2027, 3, 1)]
        with transaction():
            db.session.add_all(
                MeteredRead(customer_id=customer, month=month, content_kind="page", content_id=number)
                for month in months
                for number in range(3)
            )
        monkeypatch.setattr(jobs, "site_today", lambda: today)
        monkeypatch.setattr(jobs, "BATCH", 2)
        (job,) = (one for one in registered_jobs() if one.name == "member_tiers.metered_reads")
        assert job.every_seconds == 24 * 3600
        assert job.run(Progress()) == 6
        left = db.session.scalars(select(MeteredRead.month).distinct().order_by(MeteredRead.month))
        assert list(left) == months[2:]
        assert job.run(Progress()) == 0

    def test_lists_feeds_and_heads_neither_open_nor_count(self, metered, client, login) -> None:
        account = make_member()
        login(client, account)
        for path in ("/", "/feed.xml", "/search?q=ページ", "/sitemap.xml"):
            assert SECRET not in client.get(path).text
        assert client.head(metered[0]).status_code == 403
        assert db.session.query(MeteredRead).count() == 0

    def test_what_is_read_is_kept_for_nobody_else(self, metered, client) -> None:
        answer = client.get(metered[0])
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "今月はあと1ページ" in answer.text


class TestLinter:
    @pytest.fixture
    def paid(self, tiers: Any) -> Any:
        with transaction():
            for key in ("silver", "gold"):
                tier = tiers[key]
                values = {"key": key, "title_ja": tier.title_ja, "fee": 3000}
                save_tier(values, tier_id=tier.id)
        return tiers

    @pytest.mark.parametrize(
        ("rule", "warned"),
        [
            (GOLD, False),
            ({"any": [GOLD, {"field": "tier", "op": "eq", "value": "free"}]}, True),
            ({"field": "tier_or_higher", "op": "in", "value": ["free", "gold"]}, True),
            ({"all": [{"not": {"field": "tier", "op": "eq", "value": "gold"}}]}, True),
            ({"all": [GOLD, {"field": "tier", "op": "eq", "value": "free"}]}, False),
            ({"any": [GOLD, {"field": "points", "op": "gte", "value": 1}]}, False),
        ],
    )
    def test_a_free_tier_that_meets_a_paid_rule_is_named(self, rule, warned, app, paid) -> None:
        from core.customers.registry import customer_fields

        found = linter.warnings_of(rule, customer_fields())
        assert any("無料の「一般」" in text for text in found) is warned

    def test_nobody_and_empty_fields_are_counted(self, app, paid) -> None:
        from core.customers.registry import customer_fields

        make_member()
        make_member(prefecture="27")
        rule = {"all": [GOLD, {"field": "prefecture", "op": "eq", "value": "13"}]}
        found = linter.warnings_of(rule, customer_fields(), deep=True)
        assert any("いません" in text or "まだ" in text for text in found[:1])
        assert any("空の会員が1人" in text for text in found)


class TestTrace:
    def test_every_step_says_what_the_customer_has(self, app, tiers) -> None:
        account = make_member(prefecture="27")
        join(Customer(account), tiers["silver"], since=-4)
        rule = {"all": [GOLD, {"field": "prefecture", "op": "in", "value": ["13"]}]}
        with transaction():
            save_rule({"key": "tokyo", "title": "東京", "condition": rule, "drip_days": 30})
        content = make_page("lounge", price=50)
        with transaction():
            content = save_page({"rule_name": "tokyo"}, page_id=content.id).ref
        found = trace(content, account.customer_id)
        words = " ".join(step.text + step.reason for step in found.steps)
        assert not found.granted
        for word in ("東京", "シルバー", "大阪府", "30日後", "5日", "50 ポイント"):
            assert word in words

    def test_the_trace_agrees_with_the_gate(self, app, tiers) -> None:
        account = make_member()
        join(Customer(account), tiers["gold"])
        assert trace(make_page("gold", rule=GOLD), account.customer_id).granted
        draft = make_page("draft", rule=GOLD)
        with transaction():
            draft = save_page({"status": "draft"}, page_id=draft.id).ref
        assert not trace(draft, account.customer_id).granted
        nobody = make_page("nobody", rule={"field": "gone", "op": "eq", "value": 1})
        found = trace(nobody, account.customer_id)
        assert not found.granted
        assert any("わからない" in step.reason or "ありません" in step.reason for step in found.steps)

    def test_the_screen_answers_for_a_page_and_a_customer(self, tiers, client, login) -> None:
        account = make_member(family_name="山田", email="yamada@example.jp")
        content = make_page("gold", rule=GOLD)
        login(client, make_staff("member_tiers.access.edit", "customers.see"))
        address = "/admin/member-tiers/access/trace"
        assert client.get(address).status_code == 200
        asked = client.get(
            address, query_string={"page": f"page:{content.id}", "customer": "yamada@example.jp"}
        )
        assert asked.status_code == 200
        assert "閲覧できません" in asked.text
        assert str(account.customer_id) in asked.text
        page = f"page:{content.id}"
        for wrong in (
            {"page": "x", "customer": "1"},
            {"page": content.id, "customer": "1"},
            {"page": "page:99999", "customer": "1"},
            {"page": page, "customer": "nobody@x.jp"},
            {"page": page, "customer": ""},
            {"page": page, "who": "nobody", "customer": "1"},
            {"page": page, "who": "made_up", "has_tier": "platinum"},
            {"page": page, "who": "made_up", "has_points": "-1"},
        ):
            assert client.get(address, query_string=wrong).status_code == 422


def test_a_page_of_ten_parts_takes_at_most_six_queries(tiers, client, login, query_counter) -> None:
    account = make_member(prefecture="13", family_name="山田")
    customer = Customer(account)
    for key in ("free", "silver", "gold"):
        join(customer, tiers[key])
    give(customer, 120)
    with transaction():
        save_rule(
            {"key": "tokyo", "title": "東京", "condition": {"field": "prefecture", "op": "eq", "value": "13"}}
        )
        save_rule({"key": "late", "title": "あと", "drip_days": 400})
    parts = [
        '[members_only tier="gold"]{}[/members_only]',
        '[members_only tier="silver"]{}[/members_only]',
        "[members_only]{}[/members_only]",
        '[member_if field="points" op="gte" value="100"]{}[/member_if]',
        '[member_if field="points" op="gte" value="500"]{}[/member_if]',
        '[member_if field="family_name" op="eq" value="山田"]{}[/member_if]',
        '[member_rule name="tokyo"]{}[/member_rule]',
        '[member_rule name="late"]{}[/member_rule]',
        '[teaser name="late"]{}[/teaser]',
        "[guests_only]{}[/guests_only]",
    ]
    body = "\n\n".join(part.format(f"部分{number}。") for number, part in enumerate(parts))
    make_page("ten", rule={"field": "tier_or_higher", "op": "eq", "value": "free"}, body=body)
    login(client, account)
    client.get("/ten")
    with query_counter() as counter:
        text = client.get("/ten").text
    shown = [number for number in range(10) if f"部分{number}。" in text]
    assert shown == [0, 1, 2, 3, 5, 6, 8]
    assert counter.count <= 6, counter.statements
