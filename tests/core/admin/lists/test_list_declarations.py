"""Mistakes in a list's declaration are found when it is built, or first shown."""

import pytest
from people_list import fields, people, set_stage

from core.admin.listing import BulkAction, ListingMistake, ListView


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "people!"},
        {"per_page": 33},
        {"columns": ("name", "name")},
        {"views": (ListView("a", "A"), ListView("a", "B"))},
        {"actions": (BulkAction("x", "X", set_stage, views=("nope",)),)},
        {"tones": {"stage": {"lead": "pink"}}},
    ],
)
def test_a_mistake_raises_when_the_list_is_built(wrong):
    with pytest.raises(ListingMistake):
        people(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": ("name", "nope")},
        {"primary": "nope"},
        {"secondary": "nope"},
        {"default_sort": "nope"},
        {"tones": {"nope": {}}},
    ],
)
def test_an_unknown_field_raises_when_the_fields_are_known(wrong):
    known = {field.name: field for field in fields()}
    with pytest.raises(ListingMistake):
        people(**wrong).check_fields(known)


def test_columns_of_plugins_may_be_missing(mount, client, owner):
    mount(people(optional_columns=("tier",)))
    assert client.get("/people").status_code == 200
