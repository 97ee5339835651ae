"""A rule may ask for any field: labels, own fields, regions, dates, and what other plugins know."""

from typing import Any

import pytest
from tiers_kit import SECRET, make_member, make_page

from core.content.services import save_page
from core.db import db, transaction
from core.plugin_host import lifecycle
from core.testing.factories import make_custom_field, make_label
from plugins.contact_forms.builder.building import create_form
from plugins.contact_forms.definition.definitions import FieldDefinition, Kind
from plugins.contact_forms.models import Submission
from plugins.member_tiers.rules.services import save_rule


def asks(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


KANTO = asks("region", "in", ["kanto"])
# A rule, what opens it, and what does not. Of whom nothing is known, nobody is let in.
CASES: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "own field": (asks("custom_tea", "eq", "a"), {"custom_tea": "a"}, {"custom_tea": "b"}),
    "label": (asks("labels", "in", ["helper"]), {"labels": ["helper"]}, {"labels": ["other"]}),
    "region": (KANTO, {"prefecture": "11"}, {"prefecture": "27"}),
    "none of these regions": ({"not": {"any": [KANTO]}}, {"prefecture": "27"}, {"prefecture": "11"}),
    "date": (
        asks("birthday", "before", "1990-01-01"),
        {"birthday": "1989-12-31"},
        {"birthday": "1990-01-01"},
    ),
}


def reads(client: Any, login: Any, account: Any) -> list[bool]:
    """Tell whether somebody meets the page's text and the part's, each closed by the same rule."""
    if account is not None:
        login(client, account)
    return [SECRET in client.get(path).get_data(as_text=True) for path in ("/closed", "/part")]


def close(rule: Any) -> None:
    make_page("closed", rule=rule)
    with transaction():
        save_rule({"key": "them", "title": "その方々", "condition": rule})
        body = f'[member_rule name="them"]{SECRET}[/member_rule]'
        save_page({"slug": "part", "title": "部分", "body": body, "status": "published"})


@pytest.mark.parametrize("kind", CASES)
def test_a_page_and_a_part_open_to_those_whom_the_field_lets_in(
    kind: str, tiers: Any, new_client: Any, login: Any
) -> None:
    make_custom_field("tea", "choice", choices=["a", "b"])
    for label in ("helper", "other"):
        make_label(label)
    rule, opening, shut = CASES[kind]
    close(rule)
    assert reads(new_client(), login, make_member(**opening)) == [True, True]
    for account in (make_member(**shut), make_member(), None):
        assert reads(new_client(), login, account) == [False, False]


def test_what_another_plugin_knows_opens_until_that_plugin_is_off(
    tiers: Any, enable_plugins: Any, new_client: Any, login: Any
) -> None:
    """Whoever wrote at least once, as contact_forms counts it."""
    enable_plugins("member_tiers", "contact_forms")
    writer = make_member()
    with transaction():
        form = create_form("お便り", "letters", [FieldDefinition("text", Kind.TEXT, "内容")])
        db.session.flush()
        said = {"form_id": form.id, "customer_id": writer.customer_id, "receipt": "1", "once_key": "1"}
        db.session.add(Submission(**said))
    close(asks("submission_count", "gte", 1))
    assert reads(new_client(), login, writer) == [True, True]
    assert reads(new_client(), login, make_member()) == [False, False]
    lifecycle.disable("contact_forms")
    assert reads(new_client(), login, writer) == [False, False]
