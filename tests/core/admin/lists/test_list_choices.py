"""What a person chooses for a list: columns in their order, views, the view it opens with."""

import re

import pytest
from people_list import SEE, ids_of, people
from sqlalchemy import select

from core.admin.listing.quick import QuickFilter
from core.admin.models import ListChoice, SavedView
from core.db import db
from core.testing.factories import make_staff


def arrange(client, *names, query="", **data):
    return client.post(f"/people?{query}", data={"do": "columns", "col": list(names), **data})


def heads(html):
    table = re.search(r"<thead.*?</thead>", html, re.S).group()
    return re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([A-Za-z]+)', table)


def text(answer):
    return answer.get_data(as_text=True)


def saved():
    db.session.rollback()
    return db.session.scalars(select(SavedView)).all()


def test_columns_and_their_order_are_remembered_for_the_person(
    mount, client, owner, crowd, new_client, login
):
    mount(people())
    assert arrange(client, "birthday", "name", "city").status_code == 303
    assert heads(text(client.get("/people"))) == ["Name", "Birthday", "City"]
    other = new_client()
    login(other, make_staff(SEE))
    assert heads(text(other.get("/people"))) == ["Name", "City", "Stage", "Registered"]
    arrange(client, usual="1")
    assert heads(text(client.get("/people"))) == ["Name", "City", "Stage", "Registered"]


def test_columns_move_without_javascript(mount, client, owner, crowd):
    mount(people())
    answer = arrange(client, "city", "stage", "birthday", move="birthday:up")
    html = text(client.get(answer.location))
    assert heads(html) == ["Name", "City", "Birthday", "Stage"]
    assert re.search(r'id="listing-columns" open', html)
    arrange(client, "city", "stage", move="city:up")
    assert heads(text(client.get("/people"))) == ["Name", "City", "Stage"]


@pytest.mark.parametrize("names", [(), ("nonsense",), ("secret",), ("x" * 5000,), ("\x00",)])
def test_columns_that_do_not_exist_leave_the_usual_ones(mount, client, owner, crowd, names):
    mount(people())
    assert arrange(client, *names).status_code in (303, 400)
    assert "Name" in heads(text(client.get("/people")))


def test_columns_within_a_saved_view_belong_to_it_once_saved(mount, client, owner, crowd):
    mount(people())
    view = client.post("/people?sort=name", data={"do": "save", "title": "Mine"}).location
    changed = arrange(client, "birthday", "city", query=view.split("?")[1]).location
    assert heads(text(client.get(changed))) == ["Name", "Birthday", "City"]
    assert heads(text(client.get(view))) == ["Name", "City", "Stage", "Registered"]
    client.post(changed, data={"do": "update"})
    assert heads(text(client.get(view))) == ["Name", "Birthday", "City"]
    assert heads(text(client.get("/people?view=all"))) == ["Name", "City", "Stage", "Registered"]


def test_a_view_gets_another_name_and_is_shared(mount, client, owner, crowd, new_client, login):
    mount(people())
    view = client.post("/people?sort=name", data={"do": "save", "title": "Mine"}).location
    client.post("/people?sort=city", data={"do": "save", "title": "Other"})
    client.post(view, data={"do": "rename", "title": "Other"})
    assert {one.title for one in saved()} == {"Mine", "Other"}
    client.post(view, data={"do": "rename", "title": "  Ours ", "shared": "1"})
    assert {(one.title, one.is_shared) for one in saved()} == {("Ours", True), ("Other", False)}
    other = new_client()
    login(other, make_staff(SEE))
    assert "Ours" in text(other.get("/people"))
    assert other.post(view, data={"do": "rename", "title": "Theirs"}).status_code == 403


def test_the_list_opens_with_the_view_that_the_person_chose(mount, client, owner, crowd):
    mount(people())
    view = client.post("/people?view=leads", data={"do": "save", "title": "Mine"}).location
    assert len(ids_of(text(client.get("/people?size=50")))) == 40
    assert client.post(view, data={"do": "first"}).status_code == 303
    assert len(ids_of(text(client.get("/people")))) == 20
    assert len(ids_of(text(client.get("/people?view=all&size=50")))) == 40
    client.post(view, data={"do": "first"})
    assert len(ids_of(text(client.get("/people")))) == 25
    client.post(view, data={"do": "first"})
    client.post(view, data={"do": "delete"})
    assert client.get("/people").status_code == 200
    assert db.session.scalars(select(ListChoice.view_id)).all() == [None]


def test_a_view_that_is_no_longer_shared_does_not_open_for_others(
    mount, client, owner, crowd, new_client, login
):
    mount(people())
    view = client.post("/people?view=leads", data={"do": "save", "title": "Ours", "shared": "1"}).location
    other = new_client()
    login(other, make_staff(SEE))
    other.post(view, data={"do": "first"})
    assert len(ids_of(text(other.get("/people")))) == 20
    client.post(view, data={"do": "rename", "title": "Ours"})
    assert len(ids_of(text(other.get("/people")))) == 25
    assert other.post(view, data={"do": "first"}).status_code in (303, 404)


def test_what_is_kept_costs_one_query(mount, client, owner, crowd, query_counter):
    mount(people())
    client.get("/people")
    with query_counter() as before:
        client.get("/people")
    arrange(client, "birthday")
    for title in ("A", "B", "C"):
        client.post("/people?sort=name", data={"do": "save", "title": title})
    with query_counter() as after:
        client.get("/people")
    assert after.count <= before.count


def test_quick_filters_add_replace_and_take_out_their_test(mount, client, owner, crowd):
    quick = (
        QuickFilter("stage"),
        QuickFilter("prefecture", "Tokyo", lambda _account: ("eq", "13")),
        QuickFilter("secret"),
    )
    mount(people(quick=quick))
    address = "/people?size=50"
    assert len(ids_of(text(client.get(press(client, address, "Tokyo"))))) == 10
    leads = press(client, address, "Lead")
    assert len(ids_of(text(client.get(leads)))) == 20
    both = press(client, leads, "Tokyo")
    assert len(ids_of(text(client.get(both)))) == 5
    customers = press(client, both, "Customer")
    assert {len(ids_of(text(client.get(customers))))} == {5}
    assert (
        "Lead" not in re.search(r'<span class="k-chip">.*?</span>', text(client.get(customers)), re.S).group()
    )
    assert len(ids_of(text(client.get(press(client, press(client, customers, "Tokyo"), "Customer"))))) == 40


def press(client, address, title):
    """Return where the link called `title` among the quick filters leads."""
    html = text(client.get(address))
    box = html[html.index("k-quick") : html.index("<table")]
    found = re.search(rf'href="([^"]+)"[^>]*>(?:<svg(?:(?!</svg>).)*</svg>)?(?:<span>)?{title}<', box, re.S)
    return found.group(1).replace("&amp;", "&")
