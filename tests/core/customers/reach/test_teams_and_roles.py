"""Teams, and what a role reaches, on their screens; who may change them."""

import pytest
from sqlalchemy import event, select

from core.accounts.models import LoginSession, Role
from core.accounts.services import save_role
from core.customers.models import Customer
from core.customers.queries import get_customer
from core.customers.reach import acting_for, customer_or_404, reachable, scope_of
from core.customers.reach.models import Team
from core.customers.reach.services import set_reach
from core.customers.services import EmailTaken, create_customer
from core.db import db, transaction
from core.errors import NotFound
from core.exports.models import ExportEntry
from core.plugin_host.snapshot import use_current_snapshot
from core.seen_by import held_to
from core.testing.factories import make_account, make_customer, make_staff
from tests.core.customers.reach.kit import give_reach, make_restricted, make_team


def names_seen_by(account):
    found = db.session.scalars(select(Customer.family_name).where(reachable(account.id)))
    return set(found)


@pytest.fixture
def people(app):
    ours, colleague, other = make_restricted("own"), make_staff(), make_staff()
    make_customer(family_name="私", assigned_account_id=str(ours.id))
    make_customer(family_name="仲間", assigned_account_id=str(colleague.id))
    make_customer(family_name="他人", assigned_account_id=str(other.id))
    make_customer(family_name="未定")
    return ours, colleague, other


def test_own_team_and_all_are_as_wide_as_they_say(people):
    ours, colleague, other = people
    assert names_seen_by(ours) == {"私"}
    give_reach(ours, "own", unassigned=True)
    assert names_seen_by(ours) == {"私", "未定"}
    give_reach(ours, "team")
    assert names_seen_by(ours) == {"私"}
    make_team("東", ours, colleague)
    assert names_seen_by(ours) == {"私", "仲間"}
    make_team("西", ours, other)
    assert names_seen_by(ours) == {"私", "仲間", "他人"}
    give_reach(ours, "all")
    assert scope_of(ours.id) is None
    assert names_seen_by(ours) == {"私", "仲間", "他人", "未定"}


def test_who_is_gone_reaches_nobody(people):
    with acting_for(4711):
        assert db.session.scalars(select(Customer.id)).all() == []
    assert db.session.scalars(select(Customer.id).where(reachable(4711))).all() == []


def test_a_look_up_out_of_reach_is_like_one_of_nobody(people):
    ours, _colleague, _other = people
    hidden = db.session.scalar(select(Customer.id).where(Customer.family_name == "仲間"))
    account_id = ours.id
    db.session.expunge_all()
    with acting_for(account_id):
        for look_up in (customer_or_404, get_customer):
            with pytest.raises(NotFound) as theirs:
                look_up(hidden)
            with pytest.raises(NotFound) as nobodys:
                look_up(4711)
            assert str(theirs.value) == str(nobodys.value)
        assert db.session.get(Customer, hidden) is None


def test_whoever_sees_their_own_goes_on_seeing_whom_they_add(people):
    ours, colleague, _other = people
    with acting_for(ours.id), transaction():
        made = create_customer({"family_name": "新規"}, by=ours.id)
        given = create_customer({"family_name": "渡", "assigned_account_id": str(colleague.id)}, by=ours.id)
    assert (made.assigned_account_id, given.assigned_account_id) == (ours.id, colleague.id)


def test_a_taken_address_says_nothing_of_who_has_it(people, client, login):
    ours, _colleague, _other = people
    hidden = make_customer(family_name="隠し名", email="hidden@example.jp")
    with acting_for(ours.id), pytest.raises(EmailTaken) as refusal, transaction():
        create_customer({"family_name": "新規", "email": "hidden@example.jp"}, by=ours.id)
    assert refusal.value.customer_id is None
    login(client, ours)
    said = {"family_name": "新規", "stage": "lead"}
    answer = client.post("/admin/customers/new", data={**said, "email": "hidden@example.jp"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "管理者にお問い合わせください" in text
    assert "隠し名" not in text
    assert f"/admin/customers/{hidden.id}" not in text


def test_who_hands_a_customer_over_is_told_so(people, client, login):
    ours, colleague, _other = people
    mine = db.session.scalar(select(Customer.id).where(Customer.family_name == "私"))
    login(client, ours)
    said = {"assigned_account_id": str(colleague.id), "stage": "lead"}
    answer = client.post(f"/admin/customers/{mine}/edit?group=relation", data=said)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/customers/")
    assert "引き継ぎました" in client.get("/admin/customers/").get_data(as_text=True)
    assert client.get(f"/admin/customers/{mine}").status_code == 404
    assert db.session.get(Customer, mine).assigned_account_id == colleague.id


def test_an_owner_makes_teams_and_says_what_a_role_reaches(app, client, login):
    staff = make_staff("customers.see")
    login(client, make_account("Owner"))
    data = {"name": "東の班", "members": [str(staff.id)], "lead": str(staff.id)}
    assert client.post("/admin/staff/teams/new", data=data).status_code == 303
    team = db.session.scalars(select(Team)).one()
    assert [(one.account_id, one.is_lead) for one in team.members] == [(staff.id, True)]
    assert "東の班" in client.get("/admin/staff/teams").get_data(as_text=True)
    assert client.get(f"/admin/staff/teams/{team.id}").status_code == 200
    assert client.post("/admin/staff/teams/new", data=data).status_code == 422
    assert client.post(f"/admin/staff/teams/{team.id}", data={**data, "members": ["x"]}).status_code == 422
    assert client.post(f"/admin/staff/teams/{team.id}", data={**data, "lead": ""}).status_code == 303
    role = {"name": "担当者", "permissions": ["customers.see"], "reach": "team", "unassigned": "y"}
    assert client.post(f"/admin/staff/roles/{staff.role_id}", data=role).status_code == 302
    kept = db.session.get(Role, staff.role_id)
    assert (kept.reach, kept.reaches_unassigned) == ("team", True)
    assert client.post(f"/admin/staff/roles/{kept.id}", data={**role, "reach": "x"}).status_code == 422
    assert client.post(f"/admin/staff/teams/{team.id}/delete").status_code == 303
    assert db.session.scalars(select(Team)).all() == []


def test_nobody_lets_a_role_or_a_team_see_more_than_they_do(people, client, login):
    ours, colleague, _other = people
    team = make_team("東", colleague)
    login(client, ours)
    data = {"name": "東", "members": [str(ours.id), str(colleague.id)], "lead": ""}
    for path in ("new", team.id):
        assert client.post(f"/admin/staff/teams/{path}", data=data).status_code == 403
    assert client.post(f"/admin/staff/teams/{team.id}/delete").status_code == 403
    wide = {"name": "広い", "permissions": [], "reach": "all"}
    client.post("/admin/staff/roles/new", data=wide)
    made = db.session.scalars(select(Role).where(Role.name == "広い")).one()
    assert made.reach == "own"
    client.post(f"/admin/staff/roles/{ours.role_id}", data={**wide, "name": "自分"})
    assert db.session.get(Role, ours.role_id).reach == "own"
    with transaction():
        everything = save_role(None, "全部", []).id
    client.post(f"/admin/staff/{colleague.id}/role", data={"role": str(everything)})
    assert colleague.role_id != everything


def test_who_sees_more_logs_in_again_and_who_sees_less_does_not(people, client, login):
    ours, _colleague, _other = people
    login(client, ours)
    role = db.session.get(Role, ours.role_id)
    with transaction():
        set_reach(role, "own", unassigned=False)
    assert db.session.scalars(select(LoginSession).where(LoginSession.account_id == ours.id)).all()
    with transaction():
        set_reach(db.session.get(Role, ours.role_id), "team")
    assert not db.session.scalars(select(LoginSession).where(LoginSession.account_id == ours.id)).all()


def test_reach_all_costs_no_query_and_own_none_on_the_hot_path(people, new_client, login, query_counter):
    counts = {}
    for name, reach in (("all", "all"), ("own", "own"), ("team", "team")):
        staff = make_restricted(reach)
        make_customer(assigned_account_id=str(staff.id))
        login(client := new_client(), staff)
        client.get("/admin/customers/")
        with query_counter() as queries:
            assert client.get("/admin/customers/").status_code == 200
        counts[name] = queries.count
        if reach == "all":
            assert not [text for text in queries.statements if "assigned_account_id =" in text]
    assert counts["all"] == counts["own"]
    assert counts["team"] <= counts["all"]
    use_current_snapshot()


def test_the_list_of_a_person_in_charge_walks_along_an_index(people, client, login):
    """However many customers there are: as in test_list_indexes, of the statement itself."""
    if db.engine.dialect.name != "sqlite":
        return
    ours, _colleague, _other = people
    login(client, ours)
    read = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        if "FROM core_customer" in statement and "LIMIT" in statement and "key_" in statement:
            read.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get("/admin/customers/?sort=name").status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    statement, parameters = read[0]
    with db.engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    assert any("ix_core_customer_assigned_account_id_kana_key_id" in line for line in plan), plan
    assert not any("USE TEMP B-TREE FOR ORDER BY" in line for line in plan), plan


def test_the_log_of_exports_names_no_customer_out_of_reach(app):
    staff = make_restricted()
    own, other = (make_customer(family_name=name).id for name in ("自", "他"))
    with transaction():
        db.session.get(Customer, own).assigned_account_id = staff.id
        for customer_id in (own, other, None):
            noted = {"source": "package", "title": "x", "purpose": "p", "customer_id": customer_id}
            db.session.add(ExportEntry(**noted))
    with held_to(scope_of(staff.id)):
        assert set(db.session.scalars(select(ExportEntry.customer_id))) == {own, None}
