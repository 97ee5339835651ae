"""The first page, and global search."""

from urllib.parse import quote

from core.db import transaction
from core.settings.services import save_site_settings
from core.testing.factories import make_customer, make_staff


def page(client, url="/admin/", **headers):
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_new_owner_sees_what_to_do_first(client, owner):
    html = page(client)
    assert 'max="6" value="0"' in html
    assert "/admin/settings" in html


def test_done_steps_are_counted(client, owner):
    make_customer()
    with transaction():
        save_site_settings({"name": "みどり書房の会"})
    assert 'max="6" value="2"' in page(client)


def test_the_list_of_steps_can_be_hidden(client, owner):
    client.post("/admin/setup/hide")
    assert "k-steps" not in page(client)


def test_staff_without_the_right_to_settings_get_no_list_of_steps(client, login):
    login(client, make_staff("customers.see"))
    assert "k-steps" not in page(client)


def test_new_customers_and_their_activity_are_shown_to_those_who_may(client, owner, new_client, login):
    make_customer(family_name="青木", given_name="葵")
    assert "青木 葵" in page(client)
    staff = new_client()
    login(staff, make_staff("audit.see"))
    assert "青木 葵" not in page(staff)


def test_the_dashboard_costs_few_queries(client, owner, query_counter):
    for _ in range(30):
        make_customer()
    with query_counter() as queries:
        page(client)
    # One of them for what is due today, one for privacy requests that are due.
    assert queries.count <= 12


def test_search_finds_by_reading_and_suggests_while_typing(client, owner):
    key = make_customer(family_name="髙橋", family_kana="タカハシ", given_name="葵").id
    url = "/admin/search?q=" + quote("たかは")
    assert f"/admin/customers/{key}" in page(client, url)
    part = page(client, url, **{"HX-Request": "true"})
    assert f"/admin/customers/{key}" in part and "<html" not in part


def test_search_says_so_when_nobody_fits_and_escapes(client, owner):
    html = page(client, "/admin/search?q=" + quote("<b>nobody</b>"))
    assert "<b>nobody" not in html
    assert "k-empty" in html
    assert "k-empty" in page(client, "/admin/search")


def test_search_shows_nothing_without_the_right(client, login):
    make_customer(family_name="青木")
    login(client, make_staff("audit.see"))
    assert "青木" not in page(client, "/admin/search?q=" + quote("青木")).replace('value="青木"', "").replace(
        "検索: 青木", ""
    )


def test_huge_and_strange_queries_are_answered(client, owner):
    for query in ("x" * 5000, "%", "_", "\\", '"', "'", "*", "(", "AND OR NOT", "９９９"):
        page(client, "/admin/search?q=" + quote(query))
