"""The report on members: who leaves soon, and how the number of members moved."""

from typing import Any

import pytest
from tiers_kit import Customer, join, make_member

from core.db import transaction
from core.i18n import site_today
from core.testing.factories import make_account, make_customer
from plugins.member_tiers import services
from plugins.member_tiers.memberships.terms import add_months
from plugins.member_tiers.reports.queries import expiring, months

PATH = "/admin/member-tiers/report"


def test_what_ends_soon_is_counted_by_tier_and_only_while_it_runs(tiers: Any) -> None:
    for until in (0, 30, 31, 60, 90, 91, None):
        join(make_customer(), tiers["gold"], until=until)
    over = join(make_customer(), tiers["gold"], until=10)
    with transaction():
        services.expire(over.id)
        services.apply_for(make_customer().id, tiers["silver"].id)
    found = {row.tier.key: (row.running, row.within) for row in expiring()}
    assert found == {"gold": (7, (2, 4, 5)), "silver": (0, (0, 0, 0)), "free": (0, (0, 0, 0))}


def test_months_add_up_and_changes_of_plan_count_as_neither(tiers: Any) -> None:
    today = site_today()
    first = today.replace(day=1)
    stays = [join(make_customer(), tiers["gold"], since=(first - today).days, until=400) for _one in range(2)]
    long_ago = (add_months(first, -3) - today).days
    join(make_customer(), tiers["gold"], since=long_ago, until=(add_months(first, -1) - today).days)
    with transaction():
        services.change_tier(stays[0].id, tiers["silver"].id)
    taken_back = join(make_customer(), tiers["gold"], until=9)
    with transaction():
        services.take_back(taken_back.id)
    found = months()
    assert len(found) == 12 and found[-1].first == first
    by_month = {month.first: (month.joined, month.left, month.members) for month in found}
    assert by_month[first] == (2, 0, 2)
    assert by_month[add_months(first, -3)] == (1, 0, 1)
    assert by_month[add_months(first, -1)] == (0, 1, 0)
    assert by_month[add_months(first, -4)] == (0, 0, 0)
    assert found[-2].churn == 1.0 and found[0].churn is None


@pytest.mark.parametrize("count", [0, 3])
def test_the_page_has_a_table_beside_the_chart_and_a_file(
    tiers: Any, client: Any, login: Any, query_counter: Any, count: int
) -> None:
    for _one in range(count):
        join(Customer(make_member()), tiers["gold"], until=20)
    login(client, make_account("Owner"))
    client.get(PATH)
    with query_counter() as queries:
        page = client.get(PATH)
    assert page.status_code == 200 and queries.count <= 10
    assert ("data-report-table" in page.text) is bool(count)
    answer = client.get(f"{PATH}/months.csv")
    assert answer.status_code == 200 and answer.data.startswith(b"\xef\xbb\xbf")
    assert len(answer.text.strip().splitlines()) == 13


@pytest.mark.parametrize("view", ["ending", "ending60", "ending90"])
def test_the_report_leads_to_lists_of_what_it_counts(tiers: Any, client: Any, login: Any, view: str) -> None:
    member = make_member(family_name="月末", given_name="太郎")
    join(Customer(member), tiers["gold"], until=25)
    login(client, make_account("Owner"))
    assert "月末" in client.get(f"/admin/member-tiers/memberships?view={view}").text
