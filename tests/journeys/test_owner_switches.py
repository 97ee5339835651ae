"""The owner switches plugins and themes in the admin; every other process follows at its next request."""

import re

from tests.shop_kit import OWNER, canary

SHEET = re.compile(r"/static/themes/([a-z_]+)/")


def switch(owner, plugin, verb):
    answer = owner.post(f"/admin/plugins/{plugin}/{verb}")
    assert answer.status_code == 302
    assert plugin in answer.headers["Location"]


def text(client, path):
    return client.get(path).get_data(as_text=True)


def test_switching_tiers_off_hides_gold_text_in_another_process_and_on_shows_it_again(
    shop, visit, elsewhere, login
):
    owner, gold = visit(OWNER), elsewhere.test_client()
    login(gold, shop.emails["gold"])
    assert canary("gold") in text(gold, "/gold")
    assert canary("enclosed-gold") in text(gold, "/welcome")
    switch(owner, "member_tiers", "disable")
    assert canary("gold") not in text(gold, "/gold")
    assert canary("enclosed-gold") not in text(gold, "/welcome")
    assert canary("members") in text(gold, "/members"), "what is for every member does not depend on tiers"
    assert gold.get("/member-tiers/unlock/page/1").status_code == 404
    switch(owner, "member_tiers", "enable")
    assert canary("gold") in text(gold, "/gold")
    assert canary("enclosed-gold") in text(gold, "/welcome")


def test_switching_forms_off_takes_form_and_tag_away_and_keeps_what_was_sent(shop, visit, elsewhere):
    owner, visitor = visit(OWNER), elsewhere.test_client()
    assert "<form" in text(visitor, "/contact").split("<main", 1)[1].split("</main>")[0]
    switch(owner, "contact_forms", "disable")
    assert "<form" not in text(visitor, "/contact").split("<main", 1)[1].split("</main>")[0]
    assert visitor.get("/forms/contact").status_code == 404
    assert visitor.post("/forms/contact", data={"name": "x"}).status_code == 404
    assert owner.get("/admin/forms/inbox").status_code == 404
    switch(owner, "contact_forms", "enable")
    assert visitor.get("/forms/contact").status_code == 200
    assert owner.get("/admin/forms/inbox").status_code == 200


def test_the_owner_is_told_with_numbers_what_disabling_will_do(shop, visit):
    page = text(visit(OWNER), "/admin/plugins/member_tiers/disable").split("k-consequences")[1]
    assert re.search(r"\d", page.split("</ul>")[0])


def test_another_theme_shows_the_same_pages_and_tags_everywhere_at_once(shop, visit, elsewhere, login):
    owner, gold = visit(OWNER), elsewhere.test_client()
    login(gold, shop.emails["gold"])
    pages = ("/", "/members", "/gold", "/tokyo", "/contact", "/account", "/no-such-page")
    before = {path: text(gold, path) for path in pages}
    assert set(SHEET.findall(before["/"])) == {"default"}
    assert owner.post("/admin/themes/shotengai/activate").status_code == 302
    after = {path: text(gold, path) for path in pages}
    for path in pages:
        assert set(SHEET.findall(after[path])) == {"shotengai"}, path
    for name in ("members", "gold", "tokyo"):
        assert canary(name) in after[f"/{name}"]
    assert canary("enclosed-gold") in after["/"]
    assert 'action="/forms/contact"' in before["/contact"]
    assert 'action="/forms/contact"' in after["/contact"]
    assert "200" in after["/account"]
    assert owner.post("/admin/themes/default/activate").status_code == 302
    assert text(gold, "/gold").count("/static/themes/default/")


def test_a_theme_that_does_not_exist_changes_nothing(shop, visit):
    owner = visit(OWNER)
    assert owner.post("/admin/themes/no-such-theme/activate").status_code == 404
    assert set(SHEET.findall(text(owner, "/"))) == {"default"}
