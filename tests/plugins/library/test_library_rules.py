"""Files follow the rules of member_tiers as pages do: tier, points, named rules, prices, expiry."""

import datetime as dt

import pytest
from flask import url_for
from library_kit import BYTES, CANARY, TITLE, link_of, make_file, make_member

from core.content.queries import content_ref, list_restricted_content
from core.content.rule_uses import uses_of_rule
from core.db import transaction
from core.errors import Conflict
from core.i18n import site_today
from core.testing.factories import make_account
from plugins.member_tiers import services
from plugins.member_tiers.points import ledger
from plugins.member_tiers.queries import current_membership
from plugins.member_tiers.rules.services import delete_rule, save_rule

GOLD = {"field": "tier", "op": "in", "value": ["gold"]}


@pytest.fixture
def tiers(app, enable_plugins):
    enable_plugins("library", "member_tiers")
    with transaction():
        return services.save_tier({"key": "gold", "title_ja": "ゴールド", "title_en": "Gold"})


def join(member, tier, *, until=None):
    today = site_today()
    with transaction():
        services.give_membership(
            member.customer_id, tier.id, starts_on=today - dt.timedelta(days=40), ends_on=until
        )


def test_a_rule_opens_a_file_for_its_tier_and_for_no_other(tiers, browse):
    make_file(visibility="restricted", rule=GOLD)
    gold, other = make_member(), make_member()
    join(gold, tiers)
    browser = browse(gold)
    assert browser.get(link_of(browser)).data == BYTES
    for account in (other, None):
        answer = browse(account).get("/library/secret/download")
        assert answer.status_code == 403
        assert CANARY not in answer.text


def test_a_link_dies_with_the_membership(tiers, browse):
    make_file(visibility="restricted", rule=GOLD)
    member = make_member()
    join(member, tiers)
    browser = browse(member)
    link = link_of(browser)
    assert browser.get(link, headers={"Range": "bytes=0-3"}).status_code == 206
    with transaction():
        services.expire(current_membership(member.customer_id).id)
    for path in (link, "/library/secret/download"):
        for headers in ({}, {"Range": "bytes=4-9"}):
            answer = browser.get(path, headers=headers)
            assert answer.status_code == 403
            assert CANARY not in answer.text


def test_a_named_rule_opens_a_file_and_hides_it_from_others(tiers, browse):
    with transaction():
        save_rule({"key": "gold-only", "title": "金", "condition": GOLD, "display": "not_found"})
    make_file(visibility="restricted", rule_name="gold-only")
    gold = make_member()
    join(gold, tiers)
    browser = browse(gold)
    assert browser.get(link_of(browser)).data == BYTES
    for account in (make_member(), None):
        assert browse(account).get("/library/secret").status_code == 404


def test_a_rule_that_a_file_names_is_not_deleted(tiers, browse):
    with transaction():
        rule = save_rule({"key": "gold-only", "title": "金", "condition": GOLD})
    make_file(visibility="restricted", rule_name="gold-only")
    assert [use.title for use in uses_of_rule("gold-only")] == [TITLE]
    with pytest.raises(Conflict), transaction():
        delete_rule(rule.id)


def test_a_rule_that_is_gone_opens_nothing(tiers, browse):
    make_file(visibility="restricted", rule_name="no-such-rule")
    member = make_member()
    join(member, tiers)
    assert browse(member).get("/library/secret/download").status_code in (403, 404)


def test_a_file_is_opened_with_points(tiers, browse):
    file = make_file(visibility="restricted", options={"member_tiers": {"unlock_price": 30}})
    member = make_member()
    with transaction():
        ledger.earn(member.customer_id, 50, ledger.Movement("test:1", "gift"), expires_on=None)
    browser = browse(member)
    assert f"/unlock/file/{file.id}" in browser.get("/library/secret").text
    data = {"content": f"file:{file.id}", "price": "30", "confirm": "1"}
    answer = browser.post(path_of(browser, "member_tiers.unlock"), data=data)
    assert answer.status_code == 303
    assert answer.location.endswith("/library/secret")
    assert browser.get(link_of(browser)).data == BYTES


def path_of(browser, endpoint, **values):
    with browser.application.test_request_context():
        return url_for(endpoint, **values)


def test_the_screen_of_rules_lists_files_and_changes_their_rule(tiers, browse):
    file = make_file(visibility="restricted", rule=GOLD)
    assert file.ref in list_restricted_content()
    owner = browse(make_account("Owner"))
    listed = owner.get(path_of(owner, "member_tiers_admin.access")).text
    assert file.title in listed
    assert f">/library/{file.slug}<" in listed
    path = path_of(owner, "member_tiers_admin.edit_access", kind="file", content_id=file.id)
    data = {"mode": "simple", "tier": "", "points": "10", "join": "any", "unlock_price": "5"}
    assert owner.post(path, data=data).status_code == 303
    changed = content_ref("file", file.id)
    assert changed.rule == {"field": "points", "op": "gte", "value": 10}
    assert changed.options == {"member_tiers": {"unlock_price": 5}}


def test_the_editor_takes_rules_as_the_page_editor_does(tiers, browse):
    file = make_file()
    with transaction():
        save_rule({"key": "gold-only", "title": "金の会", "condition": GOLD})
    owner = browse(make_account("Owner"))
    assert "金の会" in owner.get(f"/admin/library/{file.id}").text
    values = {"title": file.title, "slug": file.slug, "visibility": "restricted"}
    named = {**values, "rule_mode": "named", "rule_name": "gold-only", "display": "not_found"}
    assert owner.post(f"/admin/library/{file.id}", data=named).status_code == 303
    ref = content_ref("file", file.id)
    assert (ref.rule_name, ref.display) == ("gold-only", "not_found")
    rows = {"rule-0-field": "tier", "rule-0-op": "in", "rule-0-value": "gold", "rule_joint": "all"}
    price = {"option-member_tiers-unlock_price": "7"}
    sent = {**values, "rule_mode": "rows", **rows, **price}
    assert owner.post(f"/admin/library/{file.id}", data=sent).status_code == 303
    ref = content_ref("file", file.id)
    assert ref.rule == {"all": [GOLD]}
    assert ref.options["member_tiers"]["unlock_price"] == 7
