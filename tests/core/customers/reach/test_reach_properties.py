"""Whatever the teams, roles and assignments are: staff meet just whom they reach, wherever they ask."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from core.accounts.models import Role
from core.customers.models import Customer
from core.customers.reach import acting_for, reachable
from core.customers.reach.models import Team, TeamMember
from core.db import db, transaction
from core.exports.csv_writer import stream_export
from core.exports.queries import find_export
from core.plugin_host.snapshot import use_current_snapshot
from core.search import matches
from core.settings.services import bump_version
from core.testing.factories import make_customer
from tests.core.customers.reach.kit import make_restricted
from tests.thorough import PARTS, THOROUGH

PEOPLE, CUSTOMERS = 4, 8
NAMES = [f"姓{number}番K{number}X" for number in range(CUSTOMERS)]

worlds = st.fixed_dictionaries(
    {
        "reaches": st.lists(st.sampled_from(["own", "team", "all"]), min_size=PEOPLE, max_size=PEOPLE),
        "unassigned": st.lists(st.booleans(), min_size=PEOPLE, max_size=PEOPLE),
        "teams": st.lists(st.sets(st.integers(0, PEOPLE - 1)), max_size=3),
        "assigned": st.lists(
            st.one_of(st.none(), st.integers(0, PEOPLE - 1)), min_size=CUSTOMERS, max_size=CUSTOMERS
        ),
    }
)


@pytest.fixture
def cast(app, new_client, login):
    people = [make_restricted("own", unassigned=bool(number % 2)) for number in range(PEOPLE)]
    customers = [make_customer(family_name=name, email=f"{name[-3:]}@example.jp").id for name in NAMES]
    clients = []
    for person in people:
        login(made := new_client(), person)
        clients.append(made)
    return [(person.id, person.role_id) for person in people], customers, clients


def arrange(world, people, customers):
    with transaction():
        db.session.execute(delete(TeamMember))
        db.session.execute(delete(Team))
        for (_account, role_id), reach, unassigned in zip(
            people, world["reaches"], world["unassigned"], strict=True
        ):
            role = db.session.get(Role, role_id)
            role.reach, role.reaches_unassigned = reach, unassigned and reach != "all"
        for number, members in enumerate(world["teams"]):
            team = Team(name=f"班{number}")
            db.session.add(team)
            db.session.flush()
            db.session.add_all(TeamMember(team_id=team.id, account_id=people[one][0]) for one in members)
        for customer_id, one in zip(customers, world["assigned"], strict=True):
            whose = None if one is None else people[one][0]
            one_row = update(Customer).where(Customer.id == customer_id)
            db.session.execute(one_row.values(assigned_account_id=whose))
        bump_version()
    use_current_snapshot()


def expected(world, person):
    """Say it over again in plain words, without any SQL."""
    reach = world["reaches"][person]
    if reach == "all":
        return set(range(CUSTOMERS))
    near = {person}
    if reach == "team":
        near = near.union(*(team for team in world["teams"] if person in team))
    return {
        number
        for number, one in enumerate(world["assigned"])
        if one in near or (one is None and world["unassigned"][person])
    }


def met_in(text):
    return {int(number) for number in re.findall(r"K(\d)X", text)}


@pytest.mark.parametrize("part", PARTS)
@settings(
    max_examples=200 // len(PARTS) if THOROUGH else 4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(world=worlds)
def test_everything_that_staff_can_ask_agrees_with_whom_they_reach(cast, part, world):
    people, customers, clients = cast
    arrange(world, people, customers)
    for person, (account_id, _role) in enumerate(people):
        wanted = expected(world, person)
        ids = {customers[number] for number in wanted}
        assert set(db.session.scalars(select(Customer.id).where(reachable(account_id)))) == ids
        with acting_for(account_id):
            assert set(db.session.scalars(select(Customer.id))) == ids
            assert db.session.scalar(select(func.count()).select_from(Customer)) == len(ids)
            assert {one for one in customers if db.session.get(Customer, one) is not None} == ids
            found = select(Customer.id).where(matches("customer", "番K", Customer.id))
            assert set(db.session.scalars(found)) == ids
            written = b"".join(stream_export(find_export("customers"), ["family_name"])).decode("utf-8-sig")
            assert met_in(written) == wanted
            db.session.expunge_all()
        client = clients[person]
        for path in ("/admin/customers/", "/admin/search?q=番K", "/admin/"):
            answer = client.get(path)
            assert answer.status_code == 200
            met = met_in(answer.get_data(as_text=True))
            assert met <= wanted, path
            assert met == wanted or path == "/admin/", path
        for number, customer_id in enumerate(customers):
            status = client.get(f"/admin/customers/{customer_id}").status_code
            assert status == (200 if number in wanted else 404)
