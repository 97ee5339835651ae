"""A rule's uses in texts are counted by reading their tags, however these are written."""

from typing import Any

import pytest
from tiers_kit import make_page

from core.api import uses_of_rule


@pytest.mark.parametrize(
    ("body", "counts"),
    [
        ('[member_rule name="lounge"]a[/member_rule]', True),
        ("[member_rule name='lounge']a[/member_rule]", True),
        ("[member_rule name=lounge]a[/member_rule]", True),
        ("[members_only]b [teaser name=lounge]a[/teaser][/members_only]", True),
        ("[member_rule name=lounge-2]a[/member_rule]", False),
        ("[member_rule name='lounge two']a[/member_rule]", False),
        ('[[member_rule name="lounge"]]', False),
        ('The sign says "lounge", and <a title="lounge">so on</a>.', False),
        ("lounge", False),
    ],
)
def test_only_a_tag_with_the_name_of_the_rule_uses_it(tiers: Any, body: str, counts: bool) -> None:
    page = make_page("part", body=body)
    found = [(use.page_id, use.is_part) for use in uses_of_rule("lounge")]
    assert found == ([(page.id, True)] if counts else [])


def test_signs_of_patterns_are_plain_signs(tiers: Any) -> None:
    make_page("part", body="[member_rule name=lounge]a[/member_rule]")
    assert uses_of_rule("l%e") == [] and uses_of_rule("loung_") == []
