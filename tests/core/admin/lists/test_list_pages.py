"""What a list shows, finds, filters and refuses."""

import json
import re
from urllib.parse import quote

import pytest
from people_list import SEE, ids_of, people

from core.admin.listing import queries
from core.testing.exports import take_out
from core.testing.factories import make_account, make_customer, make_staff


def get(client, url, **headers):
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def filtered(*tests, joint="all"):
    return "/people?filter=" + quote(json.dumps({joint: list(tests)}))


LEADS = {"field": "stage", "op": "eq", "value": "lead"}
TOKYO = {"field": "prefecture", "op": "eq", "value": "13"}


def test_a_list_shows_names_as_links_with_the_second_line_below(mount, client, owner):
    mount(people())
    key = make_customer(family_name="青木", family_kana="アオキ", given_kana="ハナ").id
    html = get(client, "/people")
    assert f'href="/people/{key}"' in html
    assert 'class="k-secondary">あおき' in html


def test_a_choice_with_a_tone_is_a_badge_with_its_label(mount, client, owner):
    mount(people())
    make_customer(stage="lead")
    assert 'k-badge k-tone-info">Lead<' in get(client, "/people")


def test_a_page_costs_at_most_ten_queries_whatever_the_rows(mount, client, owner, crowd, query_counter):
    mount(people())
    with query_counter() as few:
        get(client, "/people?size=25")
    with query_counter() as many:
        get(client, "/people?size=200&sort=city&q=%E5%90%8D%E5%AD%97")
    assert few.count <= 10
    assert many.count <= 10


def test_views_count_their_rows_and_uncounted_ones_do_not(mount, client, owner, crowd):
    mount(people())
    html = get(client, "/people?view=leads")
    assert len(ids_of(html)) == 20
    tabs = re.search(r'<nav class="k-tabs".*?</nav>', html, re.S).group()
    assert re.findall(r'k-count">([^<]*)<', tabs) == ["40", "20"]
    assert 'aria-current="page">Leads' in tabs


def test_counts_are_capped(mount, client, owner, crowd):
    mount(people(cap=10))
    assert 'k-count">9+<' in get(client, "/people")


def total_of(html):
    return re.search(r'id="listing-total">([^<]*)<', html).group(1)


def test_of_a_narrowed_list_only_the_newest_rows_are_counted(mount, client, owner, crowd, monkeypatch):
    mount(people())
    anybody = {"field": "stage", "op": "is_set"}
    assert total_of(get(client, filtered(anybody) + "&size=25")) == "40"
    monkeypatch.setattr(queries, "LOOKED_AT", 30)
    assert total_of(get(client, filtered(anybody) + "&size=25")) == "31+"
    monkeypatch.setattr(queries, "LOOKED_AT", 5)
    # There is at least what stands here and one more on the next page.
    assert total_of(get(client, filtered(anybody) + "&size=25")) == "25+"
    assert total_of(get(client, filtered(LEADS) + "&size=25")) == "20"
    assert total_of(get(client, "/people?size=25")) == "40"


def test_search_folds_widths_and_kana(mount, client, owner):
    mount(people())
    key = make_customer(family_name="髙橋", family_kana="タカハシ").id
    make_customer(family_name="鈴木", family_kana="スズキ")
    assert ids_of(get(client, "/people?q=" + quote("ﾀｶﾊｼ"))) == [key]


def test_a_filter_leaves_only_what_is_known_to_fit(mount, client, owner, crowd):
    mount(people())
    assert len(ids_of(get(client, filtered(TOKYO)))) == 10
    assert len(ids_of(get(client, filtered(TOKYO, LEADS)))) == 5
    assert len(ids_of(get(client, filtered(TOKYO, LEADS, joint="any") + "&size=200"))) == 25


def test_each_chip_has_an_address_without_it(mount, client, owner, crowd):
    mount(people())
    html = get(client, filtered(TOKYO, LEADS))
    removals = re.findall(r'class="k-chip-x" href="([^"]+)"', html)
    counts = [len(ids_of(get(client, url.replace("&amp;", "&") + "&size=200"))) for url in removals]
    assert counts == [20, 10]


def test_a_group_within_the_filter_keeps_its_meaning_when_a_part_is_removed(mount, client, owner, crowd):
    mount(people())
    group = {"any": [TOKYO, {"field": "name", "op": "eq", "value": "名字20"}]}
    html = get(client, filtered(group, {"field": "stage", "op": "eq", "value": "customer"}))
    assert len(ids_of(html)) == 6
    first_part = re.findall(r'class="k-chip-x" href="([^"]+)"', html)[0].replace("&amp;", "&")
    assert len(ids_of(get(client, first_part))) == 1


def test_a_test_of_a_field_that_is_gone_shows_nothing_and_can_be_removed(mount, client, owner, crowd):
    mount(people())
    html = get(client, filtered({"field": "tier", "op": "eq", "value": "gold"}))
    assert ids_of(html) == []
    assert "k-chip-x" in html


def test_without_a_script_the_builder_asks_field_by_field(mount, client, owner, crowd):
    mount(people())
    assert '<option value="prefecture">' in get(client, "/people?add=1")
    html = get(client, "/people?add=1&f=prefecture&o=in")
    assert html.count('type="checkbox" name="v"') == 47
    answer = client.get("/people?view=leads&q=%E5%90%8D%E5%AD%97&add=1&f=prefecture&o=in&v=13&v=01&apply=1")
    assert answer.status_code == 302
    assert len(ids_of(get(client, answer.location))) == 5


def test_the_builder_adds_an_alternative_to_one_test(mount, client, owner, crowd):
    mount(people())
    start = filtered(TOKYO, {"field": "stage", "op": "eq", "value": "customer"})
    answer = client.get(start + "&add=1&into=0&f=name&o=eq&v=" + quote("名字20") + "&apply=1")
    assert len(ids_of(get(client, answer.location))) == 6


@pytest.mark.parametrize(
    "query",
    [
        "f=created_at&o=eq&v=yesterday",
        "f=number&o=between&v=1",
        "f=number&o=eq&v=" + "9" * 500,
        "f=prefecture&o=eq&v=99",
        "f=stage&o=eq&v=",
        "f=nothing&o=eq&v=1",
    ],
)
def test_the_builder_says_what_is_wrong_and_keeps_what_was_typed(mount, client, owner, crowd, query):
    mount(people())
    answer = client.get(f"/people?add=1&{query}&apply=1")
    assert answer.status_code == 422
    html = answer.get_data(as_text=True)
    assert 'class="k-error" role="alert"' in html
    assert len(ids_of(html)) == 25


@pytest.mark.parametrize("filter_", ["{", "[" * 5000, "%7B%22all%22%3A5%7D", "1" * 60001])
def test_a_filter_that_cannot_be_read_is_refused_or_empty(mount, client, owner, crowd, filter_):
    mount(people())
    answer = client.get(f"/people?filter={filter_}")
    assert answer.status_code in (200, 422)
    assert ids_of(answer.get_data(as_text=True)) == []


@pytest.mark.parametrize(
    "query", ["sort=password_hash", "cols=password_hash,id", "size=100000", "view=nope", "sort=-"]
)
def test_unknown_names_in_the_address_are_passed_over(mount, client, owner, crowd, query):
    mount(people())
    assert ids_of(get(client, f"/people?{query}")) == ids_of(get(client, "/people"))


def test_columns_are_chosen_by_registered_names(mount, client, owner, crowd):
    mount(people())
    head = re.search(r"<thead.*?</thead>", get(client, "/people?col=birthday&col=prefecture"), re.S).group()
    assert "Birthday" in head and "Prefecture" in head and "City" not in head


def test_a_field_without_the_right_to_it_is_neither_shown_nor_filtered_by(mount, client, login, crowd):
    mount(people())
    login(client, make_staff(SEE))
    html = get(client, "/people?cols=secret")
    assert "Secret" not in html
    assert ids_of(get(client, filtered({"field": "secret", "op": "is_empty"}))) == []


def test_a_list_needs_its_permission(mount, client, login, crowd):
    mount(people())
    login(client, make_staff("settings.manage"))
    assert client.get("/people").status_code == 403
    assert client.get("/people?format=csv").status_code == 403


def test_members_do_not_reach_a_list(mount, client, login, crowd):
    mount(people())
    login(client, make_account("Member"))
    assert client.get("/people").status_code == 403


def test_an_empty_list_says_what_it_is_for_and_an_empty_result_what_to_drop(mount, client, owner):
    mount(people())
    assert "Nobody yet" in get(client, "/people")
    make_customer(stage="lead")
    html = get(client, filtered(TOKYO) + "&q=zzz")
    assert "Nobody yet" not in html
    assert re.search(r'k-empty-links.*?href="/people\?[^"]*q=zzz', html, re.S)


def test_parts_of_the_page_are_answered_to_htmx(mount, client, owner, crowd):
    mount(people())
    part = get(client, "/people?q=x", **{"HX-Request": "true", "HX-Target": "listing-results"})
    assert "<html" not in part and 'id="listing-results"' in part and 'hx-swap-oob="true"' in part
    whole = get(client, "/people", **{"HX-Request": "true", "HX-Target": "listing"})
    assert "<html" not in whole and 'id="listing"' in whole
    builder = get(client, "/people?add=1&f=stage", **{"HX-Request": "true", "HX-Target": "listing-builder"})
    assert builder.lstrip().startswith('<form id="listing-builder"')


def test_csv_holds_the_present_results_and_columns(mount, client, owner, crowd):
    mount(people(columns=("name", "stage"), primary="name"))
    answer = take_out(client, filtered(TOKYO))
    assert answer.headers["Content-Type"].startswith("text/csv")
    lines = answer.get_data().decode("utf-8-sig").splitlines()
    assert len(lines) == 11


def test_csv_needs_the_exports_own_permission(mount, client, login, crowd):
    mount(people())
    login(client, make_staff(SEE))
    assert "format=csv" not in get(client, "/people")
    assert client.get("/people?format=csv").status_code == 404


def test_what_people_typed_is_escaped(mount, client, owner):
    mount(people())
    make_customer(family_name="<script>alert(1)</script>")
    html = get(client, "/people?q=" + quote('"><script>'))
    assert "<script>alert" not in html and '"><script>' not in html
