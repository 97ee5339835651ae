"""Views that people save."""

import json
import re
from urllib.parse import quote

import pytest
from people_list import SEE, ids_of, people
from sqlalchemy import select

from core.admin.models import SavedView
from core.db import db
from core.testing.factories import make_staff

TOKYO = "filter=" + quote(json.dumps({"all": [{"field": "prefecture", "op": "eq", "value": "13"}]}))


def save(client, query, title, **data):
    return client.post(f"/people?{query}", data={"do": "save", "title": title, **data})


def saved():
    return db.session.execute(select(SavedView)).scalars().all()


def test_a_view_keeps_filter_sort_columns_and_size(mount, client, owner, crowd):
    mount(people())
    answer = save(client, f"{TOKYO}&sort=name&cols=birthday&size=100&q=", "東京の人")
    assert answer.status_code == 303
    html = client.get(answer.location).get_data(as_text=True)
    assert len(ids_of(html)) == 10
    assert ids_of(html) == sorted(ids_of(html))
    assert "東京の人" in html
    head = re.search(r"<thead.*?</thead>", html, re.S).group()
    assert "Birthday" in head and "City" not in head


def test_a_saved_filter_can_be_left_out_for_a_look(mount, client, owner, crowd):
    mount(people())
    answer = save(client, TOKYO, "東京の人")
    html = client.get(answer.location).get_data(as_text=True)
    clear = re.search(r'class="k-chip-x" href="([^"]+)"', html).group(1).replace("&amp;", "&")
    assert len(ids_of(client.get(clear + "&size=200").get_data(as_text=True))) == 40
    assert len(ids_of(client.get(answer.location).get_data(as_text=True))) == 10


def test_a_view_is_its_makers_unless_shared(mount, client, owner, crowd, new_client, login):
    mount(people())
    save(client, TOKYO, "Mine")
    save(client, TOKYO, "Everybody's", shared="1")
    other = new_client()
    login(other, make_staff(SEE))
    html = other.get("/people").get_data(as_text=True)
    assert "Everybody" in html and "Mine" not in html


def test_only_its_maker_changes_a_shared_view(mount, client, owner, crowd, new_client, login):
    mount(people())
    maker = new_client()
    login(maker, make_staff(SEE))
    address = save(maker, TOKYO, "Ours", shared="1").location
    stranger = new_client()
    login(stranger, make_staff(SEE))
    assert stranger.post(address, data={"do": "delete"}).status_code == 403
    assert stranger.post(address, data={"do": "update"}).status_code == 403
    assert len(saved()) == 1
    assert maker.post(address + "&sort=name", data={"do": "update"}).status_code == 303
    assert saved()[0].settings["sort"] == "name"
    assert client.post(address, data={"do": "delete"}).status_code == 303
    assert saved() == []


def test_saving_under_the_same_name_replaces_ones_own_view(mount, client, owner, crowd):
    mount(people())
    save(client, TOKYO, "Mine")
    save(client, "sort=name", "Mine")
    assert [view.settings["sort"] for view in saved()] == ["name"]


@pytest.mark.parametrize("title", ["", "   ", "x" * 61])
def test_a_view_needs_a_short_name(mount, client, owner, crowd, title):
    mount(people())
    assert save(client, TOKYO, title).status_code == 303
    assert saved() == []


def test_a_view_outlives_the_fields_that_it_names(mount, client, owner, crowd):
    mount(people())
    address = save(client, "sort=name&cols=birthday,city", "Mine").location
    view = saved()[0]
    from core.db import transaction

    with transaction():
        kept = db.session.get(SavedView, view.id)
        kept.settings = {**kept.settings, "sort": "-points", "columns": ["points", "city"], "view": "gone"}
    html = client.get(address).get_data(as_text=True)
    assert len(ids_of(html)) == 25


def test_there_are_not_endlessly_many_views(mount, client, owner, crowd, monkeypatch):
    from core.admin.listing import saved_views

    monkeypatch.setattr(saved_views, "MAX_VIEWS", 2)
    mount(people())
    for n in range(4):
        save(client, TOKYO, f"View {n}")
    assert len(saved()) == 2
