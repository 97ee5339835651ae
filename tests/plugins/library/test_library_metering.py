"""Metered files: so many a month for whom no rule lets in, each counted once, whatever the browser asks."""

import datetime as dt

import pytest
from flask import url_for
from library_kit import BYTES, CANARY, downloads, link_of, make_file, make_member
from sqlalchemy import select

from core.content.services import save_page
from core.db import db, transaction
from core.testing.factories import make_account
from plugins.library.models import LibraryFile
from plugins.member_tiers import services
from plugins.member_tiers.models import MeteredRead
from plugins.member_tiers.queries import tier_by_key
from plugins.member_tiers.rules import metering
from plugins.member_tiers.rules.services import save_allowances, save_rule

GOLD = {"field": "tier", "op": "in", "value": ["gold"]}


@pytest.fixture
def metered(app, enable_plugins):
    """Three metered files for gold members; guests have one a month, members two."""
    enable_plugins("library", "member_tiers")
    with transaction():
        services.save_tier({"key": "gold", "title_ja": "ゴールド", "title_en": "Gold"})
        save_rule({"key": "gold-only", "title": "金", "condition": GOLD, "is_metered": True})
        save_allowances({"guest": 1, "member": 2})
    for slug in ("f1", "f2", "f3"):
        make_file(slug, visibility="restricted", rule_name="gold-only")


def reads():
    db.session.rollback()
    return sorted((row.content_kind, row.customer_id) for row in db.session.scalars(select(MeteredRead)))


def test_a_member_has_so_many_files_and_each_counts_once(metered, browse):
    browser = browse(make_member())
    for slug in ("f1", "f1", "f2", "f1"):
        assert browser.get(link_of(browser, slug)).data == BYTES
    assert len(reads()) == 2
    answer = browser.get("/library/f3/download")
    assert answer.status_code == 403
    assert CANARY not in answer.text
    assert browser.get(link_of(browser, "f2")).data == BYTES


def test_nothing_counts_before_bytes_are_handed_out(metered, browse):
    browser = browse(make_member())
    assert browser.get("/library/f1").status_code == 200
    link = link_of(browser, "f1")
    assert browser.head("/library/f1/download").status_code == 302
    assert browser.head(link).status_code == 200
    assert reads() == []
    assert downloads() == []


def test_the_parts_of_a_file_are_one_reading(metered, browse):
    browser = browse(make_member())
    link = link_of(browser, "f1")
    for part in ("bytes=0-3", "bytes=4-9", "bytes=10-"):
        assert browser.get(link, headers={"Range": part}).status_code == 206
    again = link_of(browser, "f1")
    assert browser.get(again, headers={"Range": "bytes=4-"}).status_code == 206
    assert len(reads()) == 1


def test_a_link_from_before_the_last_one_was_used_opens_nothing(metered, browse):
    browser = browse(make_member())
    links = [link_of(browser, slug) for slug in ("f1", "f2", "f3")]
    answers = [browser.get(link) for link in links]
    assert [answer.status_code for answer in answers] == [200, 200, 403]
    assert CANARY not in answers[2].text
    assert browser.head(links[2]).status_code == 403


def test_pages_and_files_share_one_allowance(metered, browse):
    values = {"slug": "m1", "title": "t", "body": "x", "status": "published", "visibility": "restricted"}
    with transaction():
        save_page({**values, "rule_name": "gold-only"})
    browser = browse(make_member())
    assert browser.get("/m1").status_code == 200
    assert browser.get(link_of(browser, "f1")).status_code == 200
    assert browser.get("/library/f2/download").status_code == 403


def test_what_a_guest_had_counts_on_after_the_log_in(metered, browse, login):
    browser = browse()
    assert browser.get(link_of(browser, "f1")).data == BYTES
    assert browser.get(link_of(browser, "f1")).data == BYTES
    assert browser.get("/library/f2/download").status_code == 403
    member = make_member()
    login(browser, member)
    assert "今月" in browser.get("/library/f1").text
    assert browser.get(link_of(browser, "f2")).data == BYTES
    assert reads() == [("file", member.customer_id)] * 2
    assert browser.get("/library/f3/download").status_code == 403


def test_the_next_month_begins_anew(metered, browse, monkeypatch):
    browser = browse(make_member())
    for slug in ("f1", "f2"):
        assert browser.get(link_of(browser, slug)).status_code == 200
    today = metering.site_today()
    later = (today.replace(day=1) + dt.timedelta(days=40)).replace(day=1)
    monkeypatch.setattr(metering, "site_today", lambda: later)
    assert browser.get(link_of(browser, "f3")).status_code == 200


def test_who_may_have_it_anyway_is_not_counted(metered, browse):
    member = make_member()
    with transaction():
        services.give_membership(member.customer_id, tier_by_key("gold").id, starts_on=metering.site_today())
    browser = browse(member)
    for slug in ("f1", "f2", "f3"):
        assert browser.get(link_of(browser, slug)).data == BYTES
    assert reads() == []


def test_the_page_says_how_many_are_left_and_is_kept_for_nobody_else(metered, browse):
    browser = browse(make_member())
    page = browser.get("/library/f1")
    assert "あと2" in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    browser.get(link_of(browser, "f1"))
    assert "すでに" in browser.get("/library/f1").text


def test_a_download_that_a_cap_refuses_uses_up_nothing(metered, browse):
    make_file("capped", visibility="restricted", rule_name="gold-only", daily_cap=1)
    browser = browse(make_member())
    assert browser.get(link_of(browser, "capped")).status_code == 200
    assert browser.get("/library/capped/download").status_code == 403
    assert len(reads()) == 1
    assert browser.get(link_of(browser, "f1")).status_code == 200


def test_staff_who_look_as_a_member_are_handed_nothing_and_nothing_counts(metered, browse):
    owner = browse(make_account("Owner"))
    with owner.application.test_request_context():
        path = url_for("member_tiers_admin.made_up")
    assert owner.post(path, data={"tier": "", "prefecture": "", "points": ""}).status_code == 303
    assert owner.get("/library/f1").status_code == 200
    assert owner.get("/library/f1/download").status_code == 403
    assert reads() == []


def test_hidden_files_are_found_only_by_who_has_some_left(metered, browse):
    with transaction():
        save_rule(
            {"key": "hidden", "title": "x", "condition": GOLD, "is_metered": True, "display": "not_found"}
        )
    make_file("h1", visibility="restricted", rule_name="hidden")
    browser = browse(make_member())
    for slug in ("f1", "f2"):
        browser.get(link_of(browser, slug))
    assert browser.get("/library/h1").status_code == 404


class TestTrace:
    def ask(self, owner, file, **who):
        with owner.application.test_request_context():
            path = url_for("member_tiers_admin.trace")
        return owner.get(path, query_string={"page": f"file:{file.id}", **who})

    def test_the_rule_of_a_file_is_explained_for_a_customer_with_what_is_left(self, metered, browse):
        file = db.session.scalar(select(LibraryFile).where(LibraryFile.slug == "f1"))
        member, owner = make_member(), browse(make_account("Owner"))
        found = self.ask(owner, file, customer=str(member.customer_id))
        for words in ("「金」", "ゴールド", "閲覧できます", "今月は2件のうち0件"):
            assert words in found.text
        browser = browse(member)
        for slug in ("f1", "f2"):
            browser.get(link_of(browser, slug))
        assert "すでに数えています" in self.ask(owner, file, customer=str(member.customer_id)).text
        other = db.session.scalar(select(LibraryFile).where(LibraryFile.slug == "f3"))
        refused = self.ask(owner, other, customer=str(member.customer_id)).text
        assert "今月は2件のうち2件" in refused
        assert "閲覧できません" in refused

    def test_the_rule_of_a_file_is_explained_for_a_made_up_member(self, metered, browse):
        file = db.session.scalar(select(LibraryFile).where(LibraryFile.slug == "f1"))
        owner = browse(make_account("Owner"))
        with transaction():
            save_allowances({"guest": 0, "member": 0})
        assert "閲覧できません" in self.ask(owner, file, who="made_up").text
        opened = self.ask(owner, file, who="made_up", has_tier="gold").text
        assert "閲覧できません" not in opened
        assert "閲覧できます" in opened

    def test_a_file_with_the_number_of_a_page_is_not_taken_for_it(self, metered, browse):
        values = {"slug": "m1", "title": "p", "body": "x", "status": "published", "visibility": "restricted"}
        with transaction():
            page = save_page({**values, "rule": {"field": "points", "op": "gte", "value": 777}})
        file = db.session.scalar(select(LibraryFile).order_by(LibraryFile.id))
        assert page.id == file.id
        text = self.ask(browse(make_account("Owner")), file, customer=str(make_member().customer_id)).text
        assert "「金」" in text
        assert "777" not in text
