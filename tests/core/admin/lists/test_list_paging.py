"""Every row once, in the same order, forwards and back, whatever a list is sorted by."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from people_list import ids_of, people

from core.admin.listing import paging

SORTS = [
    "",
    "name",
    "-name",
    "city",
    "-city",
    "birthday",
    "-birthday",
    "created_at",
    "-created_at",
    "kana",
    "-kana",
    "number",
    "-number",
    "stage",
    "-stage",
]


def link(html, rel):
    found = re.search(rf'rel="{rel}" href="([^"]+)"', html)
    return found.group(1).replace("&amp;", "&") if found else None


def walk(client, url, rel):
    pages = []
    while url:
        html = client.get(url).get_data(as_text=True)
        pages.append(ids_of(html))
        url, last = link(html, rel), url
        assert len(pages) < 20
    return pages, last


@pytest.mark.parametrize("sort", SORTS)
def test_pages_hold_every_row_once_in_both_directions(mount, client, owner, crowd, sort):
    mount(people(per_page=25))
    whole, _ = walk(client, f"/people?sort={sort}&size=200", "next")
    forwards, last = walk(client, f"/people?sort={sort}&size=25", "next")
    backwards, _ = walk(client, last, "prev")
    assert [len(page) for page in forwards] == [25, 15]
    assert [key for page in forwards for key in page] == whole[0]
    assert sorted(whole[0]) == sorted(crowd)
    assert backwards[-1] == forwards[0]


@pytest.mark.parametrize("sort", ["city", "-city", "birthday", "-birthday"])
def test_rows_without_a_value_stand_last_in_either_direction(mount, client, owner, crowd, sort):
    from core.customers.models import Customer
    from core.db import db

    mount(people())
    (ids,), _ = walk(client, f"/people?sort={sort}&size=200", "next")
    values = [getattr(db.session.get(Customer, key), sort.removeprefix("-")) for key in ids]
    first_empty = values.index(None)
    assert all(value is None for value in values[first_empty:])
    filled = values[:first_empty]
    assert filled == sorted(filled, reverse=sort.startswith("-"))


def test_a_page_stays_in_place_when_rows_are_added_before_it(mount, client, owner, crowd):
    from core.testing.factories import make_customer

    mount(people())
    first = client.get("/people?size=25").get_data(as_text=True)
    older = link(first, "next")
    before = ids_of(client.get(older).get_data(as_text=True))
    make_customer()
    assert ids_of(client.get(older).get_data(as_text=True)) == before


@pytest.mark.parametrize("token", ["x", "%00", "WzEsMiwzXQ", "a" * 3000])
def test_a_forged_place_shows_the_first_page(mount, client, owner, crowd, token):
    mount(people())
    answer = client.get(f"/people?after={token}")
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert ids_of(answer.get_data(as_text=True)) == ids_of(client.get("/people").get_data(as_text=True))


def test_a_place_in_one_order_means_nothing_in_another(mount, client, owner, crowd):
    mount(people())
    older = link(client.get("/people?sort=name&size=25").get_data(as_text=True), "next")
    token = parse_qs(urlsplit(unquote(older)).query)["after"][0]
    other = client.get(f"/people?sort=-birthday&size=25&after={token}").get_data(as_text=True)
    assert ids_of(other) == ids_of(client.get("/people?sort=-birthday&size=25").get_data(as_text=True))


def test_the_segment_without_values_is_not_asked_for_where_a_column_cannot_be_empty(app):
    from core.customers.models import Customer

    order = paging.Order("created_at", Customer.id, Customer.created_at, descending=True)
    assert order.segments == (paging.WITH_VALUE,)
    assert paging.Order("city", Customer.id, Customer.city, descending=False).segments == (0, 1)
