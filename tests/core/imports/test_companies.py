"""Files of companies: what their rows do, and how all of it is taken back."""

import pytest
from sqlalchemy import func, select

from core.customers.company_attributes import COMPANY_ATTRIBUTES
from core.customers.company_group.models import CompanyParent
from core.customers.company_group.services import set_parent
from core.customers.company_services import update_company
from core.customers.models import Company
from core.customers.storage import read_values
from core.db import db, transaction
from core.exports.csv_writer import stream_export
from core.exports.queries import export_fields, find_export
from core.imports import jobs
from core.imports.companies.models import ImportCompanyRow
from core.imports.companies.running import CompanyRunner
from core.imports.companies.undoing import list_kept_companies
from core.imports.plain import plain_all
from core.imports.settings import Into
from core.jobs.runner import run_due_jobs
from core.testing.factories import make_account, make_company, make_customer
from tests.core.customers.reach.kit import make_restricted

GREEN, OTHER = "7000012050002", "8000012010038"


@pytest.fixture
def companies(bring):
    return lambda text, **choices: bring(text, name="companies.csv", into=Into.COMPANIES, **choices)


def everything():
    """All that is entered about all companies, with the name of the parent, by name."""
    db.session.rollback()
    db.session.expire_all()
    parents = dict(db.session.execute(select(CompanyParent.company_id, CompanyParent.parent_id)).all())
    rows = {row.id: row for row in db.session.scalars(select(Company))}
    return sorted(
        (
            {
                **{n: v for n, v in plain_all(read_values(row, COMPANY_ATTRIBUTES)).items() if v is not None},
                **({"parent": rows[parents[row.id]].name} if row.id in parents else {}),
            }
            for row in rows.values()
        ),
        key=lambda said: (said["name"], str(said)),
    )


def test_what_files_of_companies_call_their_columns_is_known(companies):
    file = companies(
        "法人番号,会社名,代表者,業種,資本金,従業員数,決算月,設立日,親会社,郵便番号,LINE,備考\n"
        f'T{GREEN},株式会社みどり,山田 太郎,食品,"10,000,000",１２０,３,昭和63年1月7日,,1000001,midori,長い\n'
    )
    assert "" not in file.settings.columns
    assert file.settings.match == "name"
    assert file.run() == (1, 0, 0, 0), file.problems()
    assert everything() == [
        {
            "name": "株式会社みどり",
            "corporate_number": GREEN,
            "representative": "山田 太郎",
            "industry": "食品",
            "capital": 10_000_000,
            "employees": 120,
            "fiscal_month": 3,
            "founded_on": "1988-01-07",
            "postal_code": "100-0001",
            "sns_line": "midori",
            "memo": "長い",
        }
    ]


@pytest.mark.parametrize(
    ("match", "line"),
    [("name", ",(株)みどり,,新"), ("corporate_number", f",Midori,{GREEN},新"), ("number", "{id},Midori,,新")],
)
def test_a_row_finds_its_company(companies, match, line):
    known = make_company("株式会社みどり", corporate_number=GREEN, memo="旧")
    file = companies(f"番号,会社名,法人番号,メモ\n{line.format(id=known.id)}\n", match=match)
    assert file.check() == (0, 1, 0, 0), file.problems()
    assert file.run() == (0, 1, 0, 0)
    assert [said["memo"] for said in everything()] == ["新"]


def test_what_cannot_be_used_is_refused_with_the_reason_by_check_and_run(companies):
    make_company("みどり株式会社")
    make_company("有限会社みどり")
    make_company("社団法人あお")
    text = (
        "会社名,法人番号,決算月,資本金\n"
        f"みどり,,,\n,{GREEN},,\nあか,7000012050001,,\nあか,,13,\nあか,,,-1\n一般社団法人あお,,,5\nあお,,4,\n有限会社みどり,,5,\n"
    )
    file = companies(text)
    checked = file.check()
    found = file.problems()
    assert checked == file.run()
    assert found == file.problems()
    assert set(found) == {2, 3, 4, 5, 6}
    assert "統合" in found[2] or "Merge" in found[2]
    # Whoever is called so to the letter is meant.
    assert [said.get("fiscal_month") for said in everything() if said["name"] == "有限会社みどり"] == [5]


def test_policies_hold_for_companies_and_their_parents(companies):
    up, own = make_company("旧親"), make_company("みどり", memo="旧", industry="食品")
    make_company("新親")
    with transaction():
        set_parent(own.id, up.id)
    text = "会社名,メモ,業種,親会社\nみどり,新,鉄,新親\nあか,m,紙,新親\n"
    file = companies(text, policies={"memo": "append", "industry": "keep", "parent": "fill"})
    assert file.check() == file.run() == (1, 1, 0, 0)
    found = {said["name"]: said for said in everything()}
    assert (found["みどり"]["memo"], found["みどり"]["industry"]) == ("旧\n新", "食品")
    assert (found["みどり"]["parent"], found["あか"]["parent"]) == ("旧親", "新親")
    file = companies(text.replace("みどり,新,鉄,新親", "みどり,,,"), clears=True)
    assert file.check() == file.run() == (0, 1, 1, 0)
    assert "parent" not in {said["name"]: said for said in everything()}["みどり"]


def test_parents_come_in_whatever_order_the_rows_have(companies):
    text = f"会社名,法人番号,親会社\n孫,,子\n子,,{GREEN}\n本社,{GREEN},\n"
    file = companies(text)
    assert file.check() == (3, 0, 0, 0)
    assert file.row.report["examples"][0]["changes"]["parent"] == [None, "子"]
    assert file.run() == (3, 0, 0, 0)
    assert [said.get("parent") for said in everything()] == ["本社", "子", None]
    again = companies(text)
    assert again.check() == again.run() == (0, 0, 3, 0)


def test_parents_that_cannot_be_are_refused_with_the_reason(companies):
    for name in ("A", "B", "株式会社双子", "双子株式会社", *(f"L{n}" for n in range(8))):
        make_company(name)
    ids = dict(db.session.execute(select(Company.name, Company.id)).all())
    with transaction():
        set_parent(ids["B"], ids["A"])
        for n in range(7):
            set_parent(ids[f"L{n + 1}"], ids[f"L{n}"])
    text = "会社名,親会社\nA,B\nB,双子\nX,どこにもない\nY,L7\nZ,Z\nL0,A\n"
    file = companies(text)
    assert file.check() == (3, 0, 0, 6)
    found = file.problems()
    assert file.run() == (3, 0, 0, 6)
    assert file.problems() == found
    assert set(found) == set(range(2, 8))
    assert {said["name"]: said.get("parent") for said in everything()}["B"] == "A"


def test_an_undone_import_of_companies_leaves_everything_as_it_was(companies):
    up, own = make_company("親"), make_company("みどり", memo="旧", sns_line="a")
    make_company("別親")
    with transaction():
        set_parent(own.id, up.id)
    before = everything()
    text = "会社名,メモ,LINE,親会社\n孫,,,子\nみどり,新,b,別親\n子,,,みどり\n子,二度目,,\n別親,,,\n"
    file = companies(text)
    assert file.check() == file.run() == (2, 2, 1, 0)
    assert everything() != before
    assert file.undo() == (4, 0)
    assert everything() == before
    assert db.session.scalar(select(func.count()).select_from(ImportCompanyRow)) == 2


def test_what_was_used_or_changed_since_stays_and_is_listed(companies):
    own = make_company("みどり", memo="旧", industry="食品")
    text = "会社名,メモ,業種,親会社\nみどり,新,鉄,\n人,,,\n直,,,\n子,,,\n下,,,子\n去,,,\n移,,,去\n"
    file = companies(text)
    file.run()
    make_customer(email="a@example.jp", company_name="人")
    ids = dict(db.session.execute(select(Company.name, Company.id)).all())
    with transaction():
        update_company(own.id, {"memo": "また"})
        update_company(ids["直"], {"memo": "電話した"})
        set_parent(make_company("外").id, ids["子"])
        set_parent(ids["移"], own.id)
    assert file.undo() == (2, 5)
    left = {said["name"]: said for said in everything()}
    assert set(left) == {"みどり", "人", "直", "子", "外", "移"}
    assert (left["みどり"]["memo"], left["みどり"]["industry"]) == ("また", "食品")
    kept = {row.number: row.kept for row in list_kept_companies(file.id)}
    assert kept[2] == {"reason": "changed", "fields": ["memo"]}
    assert kept[3]["reason"] == kept[5]["reason"] == "belongs"
    assert kept[4]["reason"] == kept[8]["reason"] == "changed_company"


def test_a_killed_run_goes_on_and_places_each_company_once(companies, monkeypatch):
    file = companies("会社名,親会社\n" + "".join(f"C{n},P\n" for n in range(5)) + "P,\n")
    file.check()
    file.begin()
    real, calls = CompanyRunner._place, []

    def die(self, row):
        real(self, row)
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(CompanyRunner, "_place", die)
    with pytest.raises(KeyboardInterrupt):
        jobs.run(lambda *_: None, file.id)
    monkeypatch.undo()
    jobs.run(lambda *_: None, file.id)
    assert file.counts == (6, 0, 0, 0)
    assert [said.get("parent") for said in everything()] == ["P"] * 5 + [None]


def exported():
    export = find_export("companies")
    names = [field.name for field in export_fields(export)]
    return b"".join(stream_export(export, names, encoding="utf-8-sig"))


def test_an_exported_file_of_companies_imports_back_to_an_equal_state(companies):
    common = {"name": "株式会社みどり", "corporate_number": GREEN, "kana": "ミドリ", "representative": "=1+1"}
    more = {
        "email": "+a@example.jp", "phone": "+81 3 1234 5678", "website": "www.example.jp",
        "decision_contact": "一行\n二行", "postal_code": "1000001", "prefecture": "13", "city": "千代田区",
        "address_line": "1-1", "building": "ビル", "industry": "食品, 酒", "business": "-x\n'y",
        "capital": "10000000", "employees": "0", "listing": "listed", "fiscal_month": "3",
        "founded_on": "S63.1.7", "rank": "vip", "memo": "a;b|c\t\"d\"",
        **{name: f"x-{name}" for name in COMPANY_ATTRIBUTES if name.startswith("sns_")},
    }  # fmt: skip
    assert {*common, *more} == set(COMPANY_ATTRIBUTES)
    child = make_company("子会社")
    whole = make_company(**common, **more)
    with transaction():
        set_parent(child.id, whole.id)
    before, data = everything(), exported()
    same = companies(data, clears=True)
    assert set(same.settings.targets) == {*COMPANY_ATTRIBUTES, "number", "parent"}
    assert same.check() == (0, 0, 2, 0), (same.problems(), same.row.report["examples"])
    same.choose(match="number")
    assert same.run() == (0, 0, 2, 0)
    with transaction():
        for company in db.session.scalars(select(Company)):
            db.session.delete(company)
    assert everything() == []
    fresh = companies(data)
    assert fresh.run() == (2, 0, 0, 0), fresh.problems()
    assert everything() == before


def test_who_does_not_reach_all_customers_imports_no_companies(client, login, bring):
    mine = make_restricted("own")
    login(client, mine)
    from tests.core.imports.test_screens import URL, upload

    assert 'name="into"' not in client.get(f"{URL}new").get_data(as_text=True)
    assert upload(client, into="companies").status_code == 403
    theirs = bring("会社名\nみどり\n", into=Into.COMPANIES, by=mine.id)
    for path in ("", "/file", "/columns", "/rules", "/errors.csv"):
        assert client.get(f"{URL}{theirs.id}{path}").status_code == 403


def test_a_company_row_goes_with_its_company_and_old_values_in_time(companies):
    from core.imports import forgetting, services

    make_company("みどり", memo="旧")
    file = companies("会社名,メモ\nみどり,新\nあか,\n")
    file.run()
    with transaction():
        forgetting.forget_import(services.get_import(file.id))
    assert db.session.scalar(select(func.count()).select_from(ImportCompanyRow)) == 0


def test_the_whole_way_of_companies_by_hand(client, login, app):
    login(client, make_account("Owner"))
    from tests.core.imports.test_screens import URL, page, the_import, upload

    assert 'value="companies"' in page(client, f"{URL}new")
    known = make_company("みどり", memo="旧")
    text = "会社名,メモ,親会社\n(株)みどり,新,本社\n本社,,\nあか,,どこ\n"
    base = upload(client, text, into="companies").headers["Location"].removesuffix("/file")
    assert upload(client, text, into="nothing").status_code == 422
    client.post(f"{base}/file", data={"encoding": "utf-8", "delimiter": ",", "has_heading": "1"})
    assert page(client, f"{base}/columns").count(" selected>") == 3
    columns = {"column-0": "name", "column-1": "memo", "column-2": "parent"}
    assert client.post(f"{base}/columns", data=columns).headers["Location"].endswith("/rules")
    assert 'id="label"' not in page(client, f"{base}/rules")
    rules = {"match": "name", "mode": "both", "again": "update", "empty": "keep", "policy-name": "keep"}
    assert client.post(f"{base}/rules", data={**rules, "match": "email"}).status_code == 422
    saved = client.post(f"{base}/rules", data={**rules, "save": "1", "mapping_name": "取引先"})
    assert saved.status_code == 200
    client.post(f"{base}/rules", data=rules)
    run_due_jobs()
    checked = page(client, base)
    assert "<ins>本社</ins>" in checked and f"/companies/{known.id}" in checked
    client.post(f"{base}/run")
    run_due_jobs()
    assert the_import().state == "done"
    assert [said["name"] for said in everything()] == ["あか", "みどり", "本社"]
    assert "どこ" in page(client, f"{base}/errors.csv")
    make_customer(email="a@example.jp", company_name="あか")
    client.post(f"{base}/undo")
    run_due_jobs()
    assert [said["name"] for said in everything()] == ["あか", "みどり"]
    assert "あか" in page(client, base)
    # What is saved for companies is not on offer for customers.
    other = upload(client).headers["Location"].removesuffix("/file")
    assert "取引先" not in page(client, f"{other}/columns")


def test_the_command_brings_companies_in(app, tmp_path, monkeypatch):
    from click.testing import CliRunner

    from core.cli import main

    monkeypatch.setattr("core.commands.command_app", lambda: app)
    file = tmp_path / "companies.csv"
    file.write_text("会社名,親会社\nみどり,本社\n本社,\n", "utf-8")
    done = CliRunner().invoke(main, ["customers", "import", str(file), "--into", "companies"])
    assert done.exit_code == 0, done.output
    assert everything()[0] == {"name": "みどり", "parent": "本社"}
