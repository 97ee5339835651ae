"""Which company belongs to which: no circles, not too high, and nothing lost when one goes."""

from itertools import pairwise

import pytest
from sqlalchemy import select

from core.activity.models import AuditEntry
from core.conditions import compile_condition
from core.customers.company_fields import company_fields
from core.customers.company_group.models import CompanyParent
from core.customers.company_group.queries import MOST_LEVELS, ancestors, list_group
from core.customers.company_group.services import remove_parent, set_parent
from core.customers.company_services import delete_company
from core.customers.models import Company
from core.db import db, transaction
from core.errors import Conflict, NotFound
from core.testing.factories import make_company, make_customer


def below(child, parent):
    with transaction():
        set_parent(child.id, parent.id)


def chain(count):
    companies = [make_company(f"会社{number}") for number in range(count)]
    for parent, child in pairwise(companies):
        below(child, parent)
    return companies


def shown(company):
    return [(member.name, member.level, member.is_current) for member in list_group(company.id)]


def test_a_group_is_shown_from_the_top_with_everything_below(app):
    top, middle, low = (make_company(name) for name in ("親会社", "中会社", "孫会社"))
    other = make_company("兄弟会社")
    below(middle, top)
    below(low, middle)
    below(other, middle)
    make_customer(company_name="孫会社")
    assert shown(middle) == [
        ("親会社", 0, False),
        ("中会社", 1, True),
        ("兄弟会社", 2, False),
        ("孫会社", 2, False),
    ]
    assert shown(low) == [("親会社", 0, False), ("中会社", 1, False), ("孫会社", 2, True)]
    assert [member.contacts for member in list_group(low.id)] == [0, 0, 1]


def test_a_company_alone_has_no_group(app):
    assert list_group(make_company().id) == []


def test_a_circle_is_refused_politely(app):
    first, second, third = chain(3)
    for child, parent in ((first, third), (first, second), (second, third), (first, first)):
        with pytest.raises(Conflict), transaction():
            set_parent(child.id, parent.id)
    assert ancestors(third.id) == [second.id, first.id]


def test_a_group_is_not_higher_than_it_may_be(app):
    *_others, last = tower = chain(MOST_LEVELS)
    with pytest.raises(Conflict), transaction():
        set_parent(make_company().id, last.id)
    with pytest.raises(Conflict), transaction():
        set_parent(tower[0].id, make_company().id)
    below(make_company(), tower[-2])


def test_a_company_moves_to_another_parent_with_those_below_it(app):
    first, second, third = chain(3)
    new = make_company("新しい親")
    below(second, new)
    assert ancestors(third.id) == [second.id, new.id]
    assert list_group(first.id) == []
    with transaction():
        remove_parent(second.id)
    assert ancestors(third.id) == [second.id]


def test_a_deleted_company_leaves_those_below_it_at_the_top(app):
    first, second, third = chain(3)
    with transaction():
        delete_company(second.id)
    assert ancestors(third.id) == []
    assert list_group(first.id) == []
    assert db.session.execute(select(CompanyParent)).all() == []


def test_who_is_not_there_is_not_found(app):
    company = make_company()
    for child, parent in ((company.id, 999), (999, company.id)):
        with pytest.raises(NotFound), transaction():
            set_parent(child, parent)
    with pytest.raises(NotFound), transaction():
        remove_parent(999)


def test_changes_of_groups_are_noted_once(app):
    parent, child = make_company(), make_company()
    for _again in range(2):
        below(child, parent)
    with transaction():
        remove_parent(child.id)
        remove_parent(child.id)
    query = select(AuditEntry.data).where(AuditEntry.action == "company.updated")
    assert db.session.execute(query).scalars().all() == [{"fields": ["parent"]}] * 2


def test_companies_are_filtered_by_parent_subsidiaries_and_people_with_roles(app):
    parent, child = make_company("みどりホールディングス"), make_company("みどり")
    below(child, parent)
    make_customer(family_name="山田", given_name="花子", company_name="みどり", is_decision_maker="yes")
    make_customer(family_name="佐藤", given_name="次郎", company_name="みどり", is_contact_person="yes")
    for rule, expected in (
        ({"field": "parent", "op": "contains", "value": "ホールディングス"}, child),
        ({"field": "children", "op": "eq", "value": 1}, parent),
        ({"field": "decision_makers", "op": "eq", "value": "山田 花子"}, child),
        ({"field": "contact_persons", "op": "eq", "value": "佐藤 次郎"}, child),
    ):
        criterion = compile_condition(rule, company_fields())
        assert db.session.execute(select(Company.id).where(criterion)).scalars().all() == [expected.id], rule
