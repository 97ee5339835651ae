"""Companies that may be one: found, merged with a choice, and taken back."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from core.customers.company_attributes import COMPANY_ATTRIBUTES
from core.customers.company_group.models import CompanyParent
from core.customers.company_group.services import set_parent
from core.customers.company_merges import decisions, merging, queries
from core.customers.company_merges.models import CompanyMerge
from core.customers.company_services import update_company
from core.customers.models import Company, Customer
from core.customers.queries import companies_matching, get_company
from core.customers.storage import as_json, read_values
from core.db import db, transaction, utcnow
from core.errors import Conflict
from core.testing.factories import make_account, make_company, make_customer, make_staff


@pytest.fixture
def two(app):
    """The record to keep and the one to merge."""
    kept = make_company("株式会社みどり", phone="03-1111-2222", industry="食品")
    merged = make_company(
        "(株) みどり",
        phone="03-9999-8888",
        corporate_number="7000012050002",
        founded_on="1985-04-01",
        memo="本店",
        sns_x="@midori",
    )
    return kept.id, merged.id


def merge(kept, merged, **options):
    with transaction():
        merging.merge_companies(kept, merged, **options)
    return db.session.scalar(select(CompanyMerge.id).order_by(CompanyMerge.id.desc()))


def undo(merge_id):
    with transaction():
        return merging.undo_company_merge(merge_id)


def person_of(company_id):
    person = make_customer().id
    with transaction():
        belongs = update(Customer).where(Customer.id == person).values(company_id=company_id)
        db.session.execute(belongs)
    return person


def values(company_id):
    db.session.expire_all()
    company = get_company(company_id)
    return {name: as_json(value) for name, value in read_values(company, COMPANY_ATTRIBUTES).items()}


def parents():
    db.session.expire_all()
    return {row.company_id: row.parent_id for row in db.session.scalars(select(CompanyParent))}


def companies_of_people():
    db.session.expire_all()
    return dict(db.session.execute(select(Customer.id, Customer.company_id)).all())


def pairs(**options):
    return [(pair.first.id, pair.second.id) for pair in queries.list_company_pairs(**options).pairs]


def test_the_legal_form_spaces_and_width_make_no_difference(app):
    ids = [
        make_company(name).id for name in ("株式会社みどり", "㈱ミドリ", "（株）みどり", "みどり 株式会社")
    ]
    other = make_company("みどりや").id
    found = pairs()
    assert (ids[0], ids[2]) in found
    assert (ids[0], ids[3]) in found
    assert not any(other in pair for pair in found)


def test_a_number_or_a_telephone_finds_what_is_named_otherwise(app):
    first = make_company("あおば商事", corporate_number="7000012050002", phone="03-1111-2222").id
    second = make_company("青葉商事", corporate_number="T7000012050002").id
    third = make_company("あをば", phone="０３（１１１１）２２２２").id
    found = {(pair.first.id, pair.second.id): pair.reasons for pair in queries.list_company_pairs().pairs}
    assert found == {(first, second): ["法人番号が同じ"], (first, third): ["電話番号が同じ"]}


def test_what_is_known_to_be_two_is_found_no_more_until_that_is_taken_back(two):
    with transaction():
        decisions.say_two_companies(two[1], two[0])
        decisions.say_two_companies(*two)
    assert pairs() == []
    assert pairs(different=True) == [two]
    assert queries.similar_companies(get_company(two[0])) == []
    with transaction():
        decisions.take_back_two_companies(*two)
    assert pairs() == [two]


def test_pages_hold_every_pair_once(app, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 4)
    for _number in range(5):
        make_company("おなじ")
    seen, after = [], ""
    while True:
        page = queries.list_company_pairs(after)
        seen += [(pair.first.id, pair.second.id) for pair in page.pairs]
        after = page.after
        if not after:
            break
    assert len(seen) == len(set(seen)) == 10
    assert queries.list_company_pairs("x-y").pairs


def test_everything_goes_to_the_kept_one_and_the_choice_decides(two):
    kept, merged = two
    person = person_of(merged)
    merge(kept, merged, take=["phone"])
    now = values(kept)
    assert (now["name"], now["phone"], now["industry"]) == ("株式会社みどり", "03-9999-8888", "食品")
    assert (now["corporate_number"], now["founded_on"]) == ("7000012050002", "1985-04-01")
    assert now["sns_x"] == "midori" or now["sns_x"] == "@midori"
    assert companies_of_people() == {person: kept}
    assert db.session.get(Company, merged) is None
    found = db.session.scalars(select(Company.id).where(companies_matching("みどり"))).all()
    assert found == [kept]


def test_merge_then_undo_is_as_if_nothing_had_been(two):
    kept, merged = two
    top, child = make_company("本社").id, make_company("支店").id
    with transaction():
        set_parent(merged, top)
        set_parent(child, merged)
    people = [person_of(company) for company in (merged, kept, top)]
    before = values(kept), values(merged), parents(), companies_of_people()
    number = merge(kept, merged, take=["name", "phone"])
    assert parents() == {kept: top, child: kept}
    assert set(companies_of_people().values()) == {kept, top}
    assert undo(number)[1] == []
    assert (values(kept), values(merged), parents(), companies_of_people()) == before
    assert len(people) == 3
    with pytest.raises(Conflict):
        undo(number)


def test_what_was_changed_since_stays_and_is_named(two):
    kept, merged = two
    person = person_of(merged)
    elsewhere = make_company("よそ").id
    number = merge(kept, merged, take=["phone"])
    with transaction():
        update_company(kept, {"phone": "03-5555-5555"})
        db.session.execute(update(Customer).where(Customer.id == person).values(company_id=elsewhere))
    assert undo(number)[1] == ["phone"]
    assert values(kept)["phone"] == "03-5555-5555"
    assert values(merged)["phone"] == "03-9999-8888"
    assert companies_of_people() == {person: elsewhere}


@pytest.mark.parametrize(
    ("links", "after"),
    [
        ({"kept": "merged"}, {}),
        ({"merged": "kept"}, {}),
        ({"middle": "merged", "kept": "middle"}, {"middle": "kept"}),
        ({"middle": "kept", "merged": "middle"}, {"middle": "kept"}),
        ({"merged": "middle", "kept": "merged"}, {"kept": "middle"}),
        ({"kept": "middle", "merged": "kept"}, {"kept": "middle"}),
        ({"merged": "middle"}, {"kept": "middle"}),
        ({"kept": "middle"}, {"kept": "middle"}),
    ],
)
def test_a_group_never_runs_in_a_circle(two, links, after):
    ids = {"kept": two[0], "merged": two[1], "middle": make_company("間").id}
    with transaction():
        for child, parent in links.items():
            set_parent(ids[child], ids[parent])
    before = parents()
    number = merge(*two)
    assert parents() == {ids[child]: ids[parent] for child, parent in after.items()}
    undo(number)
    assert parents() == before


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["kana", "representative", "industry", "business", "memo", "decision_contact"]),
        st.text(alphabet="あいうかきアイ漢字ab ", min_size=1, max_size=12),
    ),
    st.lists(st.sampled_from(sorted(COMPANY_ATTRIBUTES)), max_size=6),
)
def test_undo_gives_back_whatever_was_there(app, texts, take):
    kana = texts.pop("kana", None)
    given_values = {**texts, **({"kana": "アイ"} if kana else {})}
    kept, merged = make_company("きそん", **given_values).id, make_company("ほか", industry="別").id
    before = values(kept), values(merged)
    undo(merge(merged, kept, take=take))
    assert (values(kept), values(merged)) == before


def test_the_time_to_take_it_back_ends(two):
    number = merge(*two)
    with transaction():
        old = utcnow() - dt.timedelta(days=4_000)
        db.session.execute(update(CompanyMerge).values(created_at=old))
    with pytest.raises(Conflict):
        undo(number)
    with transaction():
        assert decisions.forget_company_merges() == 1


def test_staff_find_compare_merge_and_take_back(client, login, two):
    kept, merged = two
    login(client, make_account("Owner"))
    page = client.get("/admin/companies/duplicates").get_data(as_text=True)
    assert f"/admin/companies/{kept}/merge?with={merged}" in page
    compare = client.get(f"/admin/companies/{kept}/merge?with={merged}").get_data(as_text=True)
    assert 'name="take-phone"' in compare
    assert 'name="take-corporate_number"' not in compare
    for wrong in ("", "x", "9" * 30, str(kept), "999"):
        answer = client.post(f"/admin/companies/{kept}/merge", data={"with": wrong})
        assert answer.status_code in (303, 404)
    assert db.session.get(Company, merged)
    client.post(f"/admin/companies/{kept}/merge", data={"with": merged, "take-phone": "merged"})
    assert values(kept)["phone"] == "03-9999-8888"
    number = db.session.scalar(select(CompanyMerge.id))
    assert "(株) みどり" in client.get("/admin/companies/merges").get_data(as_text=True)
    answer = client.post(f"/admin/companies/merges/{number}/undo")
    assert answer.headers["Location"] == f"/admin/companies/{merged}"
    assert client.post(f"/admin/companies/merges/{number}/undo").status_code == 303
    client.post(f"/admin/companies/duplicates/{kept}/{merged}")
    assert "別の企業" in client.get("/admin/companies/duplicates?state=different").get_data(as_text=True)
    assert client.post(f"/admin/companies/duplicates/{kept}/999").status_code == 404
    find = client.get(f"/admin/companies/{kept}/merge?q=みどり").get_data(as_text=True)
    assert f"with={merged}" in find


def test_who_may_not_edit_merges_nothing(client, login, two):
    login(client, make_staff("admin.access", "customers.see"))
    assert client.get("/admin/companies/duplicates").status_code == 403
    assert client.post(f"/admin/companies/{two[0]}/merge", data={"with": two[1]}).status_code == 403


def test_each_reason_is_looked_up_by_its_index(app, query_counter):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the plan is read in SQLite's words")
    with query_counter() as counted:
        queries.list_company_pairs()
    (statement,) = [one for one in counted.statements if "core_company_different" in one]
    marks = (queries.PAGE + 1,) * statement.count("?")
    rows = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", marks)
    plan = "\n".join(row[3] for row in rows)
    for index in ("corporate_number", "name_key", "phone_key"):
        assert f"ix_core_company_{index}" in plan, plan


def test_a_page_of_pairs_costs_two_statements(app, query_counter):
    for _number in range(4):
        make_company("おなじ")
    with query_counter() as counted:
        queries.list_company_pairs()
    assert counted.count <= 2
