"""A postal code tells the place."""

import pytest

from core.customers import postal
from core.customers.postal import find_place


def test_a_code_of_one_area_tells_all_three_parts():
    place = find_place("105-0011")
    assert (place.prefecture, place.prefecture_name, place.city, place.area) == (
        "13",
        "東京都",
        "港区",
        "芝公園",
    )


@pytest.mark.parametrize("typed", ["1050011", "〒105-0011", "１０５－００１１", " 105-0011 "])
def test_a_code_is_read_as_people_type_it(typed):
    assert find_place(typed).city == "港区"


def test_a_code_of_several_areas_tells_what_they_share():
    place = find_place("060-0000")
    assert (place.prefecture, place.city, place.area) == ("01", "札幌市中央区", "")


@pytest.mark.parametrize("typed", ["", "999-9999", "abc", "12345678", "105-001", "\0", "𝟙𝟘𝟝-0011x"])
def test_what_is_no_code_has_no_place(typed):
    assert find_place(typed) is None


def test_every_browser_may_ask_and_keep_the_answer(client):
    answer = client.get("/postal/1050011")
    assert answer.status_code == 200
    assert answer.json == {"prefecture": "13", "prefecture_name": "東京都", "city": "港区", "area": "芝公園"}
    assert answer.headers["Cache-Control"] == "public, max-age=604800"
    assert client.get("/postal/9999999").status_code == 404


def test_a_site_without_the_table_knows_no_place(monkeypatch):
    monkeypatch.setattr(postal, "find_spec", lambda _name: None)
    find_place.cache_clear()
    try:
        assert find_place("105-0011") is None
    finally:
        find_place.cache_clear()
