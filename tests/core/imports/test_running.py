import pytest
from sqlalchemy import func, select

from core.activity.models import Activity
from core.customers.models import Customer
from core.customers.queries import search_customers
from core.customers.services import customer_report, update_customer
from core.db import db, transaction
from core.imports import checking, jobs, running
from core.imports.models import ImportRow, ImportState
from core.testing.factories import make_company, make_custom_field, make_customer, make_label


def people():
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Customer).order_by(Customer.id)).all()


def values_of(customer):
    return customer_report(customer.id)["fields"]


def test_new_rows_become_customers_as_if_typed_into_the_form(bring):
    make_label("VIP")
    make_custom_field("size", "choice", choices=["S", "M"])
    company = make_company("株式会社みどり商事")
    text = (
        "姓,名,姓（カナ）,メールアドレス,電話番号,郵便番号,都道府県,生年月日,会社名,ラベル,趣味,LINE,size,連絡可否\n"
        "山田,花子,ﾔﾏﾀﾞ,Hanako@Example.JP,０３−１２３４−５６７８,〒1000001,東京,S63.1.7,みどり商事,VIP,茶道;花,hana,M,はい\n"
    )
    file = bring(text)
    assert "" not in file.settings.columns
    assert file.run() == (1, 0, 0, 0)
    (found,) = people()
    same = make_customer(
        family_name="山田",
        given_name="花子",
        family_kana="ﾔﾏﾀﾞ",
        email="Hanako2@Example.JP",
        phone="０３−１２３４−５６７８",
        postal_code="〒1000001",
        prefecture="東京",
        birthday="1988-01-07",
        company_name="みどり商事",
        labels=["VIP"],
        interests=["茶道", "花"],
        sns_line="hana",
        custom_size="M",
        may_contact="true",
        source="import",
    )
    typed = {**values_of(same), "email": values_of(found)["email"]}
    assert {k: sorted(v) if isinstance(v, list) else v for k, v in values_of(found).items()} == {
        k: sorted(v) if isinstance(v, list) else v for k, v in typed.items()
    }
    assert found.company_id == company.id
    for key in ("phone_key", "kana_key"):
        assert getattr(found, key) == getattr(same, key)
    assert found.email_key == "hanako@example.jp"
    assert found in search_customers("ハナコ") or found in search_customers("花子")


def test_known_customers_are_changed_and_equal_ones_left_alone(bring):
    known = make_customer(email="a@example.jp", family_name="旧姓", phone="03-1234-5678")
    make_customer(email="b@example.jp", family_name="同じ", given_name="まま")
    text = "メール,姓,名\nA@EXAMPLE.jp,新姓,太郎\nb@example.jp,同じ,まま\nc@example.jp,新,人\n"
    file = bring(text)
    assert file.check() == (1, 1, 1, 0)
    assert len(people()) == 2
    assert known.family_name == "旧姓"
    assert file.run() == (1, 1, 1, 0)
    assert [person.family_name for person in people()] == ["新姓", "同じ", "新"]
    line = db.session.scalar(
        select(Activity).where(Activity.customer_id == known.id).order_by(Activity.id.desc()).limit(1)
    )
    assert line.data["changes"]["family_name"] == ["旧姓", "新姓"]
    assert people()[0].phone == "03-1234-5678"


@pytest.mark.parametrize(
    ("policy", "old", "new", "result"),
    [
        ("overwrite", "昔", "今", "今"),
        ("keep", "昔", "今", "昔"),
        ("fill", "昔", "今", "昔"),
        ("fill", None, "今", "今"),
        ("append", "昔", "今", "昔\n今"),
        ("append", "昔\n今", "今", "昔\n今"),
    ],
)
def test_a_rule_per_field_decides_between_old_and_new(bring, policy, old, new, result):
    make_customer(email="a@example.jp", memo=old)
    file = bring(f"メール,メモ\na@example.jp,{new}\n", policies={"memo": policy})
    file.run()
    assert people()[0].memo == result


def test_empty_cells_clear_only_when_the_owner_says_so(bring):
    make_customer(email="a@example.jp", memo="残る", city="港区")
    text = "メール,メモ,市区町村\na@example.jp,,\n"
    assert bring(text).run() == (0, 0, 1, 0)
    assert bring(text, clears=True, policies={"memo": "keep"}).run() == (0, 1, 0, 0)
    assert (people()[0].memo, people()[0].city) == ("残る", None)


def test_lists_are_united_by_append_and_everybody_gets_the_label(bring):
    for name in ("VIP", "秋", "取込"):
        make_label(name)
    make_customer(email="a@example.jp", labels=["VIP"])
    file = bring(
        "メール,ラベル\na@example.jp,秋\nb@example.jp,\n", policies={"labels": "append"}, label="取込"
    )
    assert file.run() == (1, 1, 0, 0)
    assert [sorted(values_of(person)["labels"]) for person in people()] == [["VIP", "取込", "秋"], ["取込"]]


def test_only_new_or_only_known_when_the_owner_says_so(bring):
    make_customer(email="a@example.jp", family_name="旧")
    text = "メール,姓\na@example.jp,新\nb@example.jp,初\n"
    only_new = bring(text, mode="create")
    assert only_new.run() == (1, 0, 0, 1)
    assert list(only_new.problems()) == [2]
    only_known = bring("メール,姓\na@example.jp,新\nz@example.jp,初\n", mode="update")
    assert only_known.run() == (0, 1, 0, 1)
    assert [person.family_name for person in people()] == ["新", "初"]


def test_a_second_row_about_one_customer_follows_the_first_or_is_refused(bring):
    text = "メール,姓,名\nx@example.jp,山田,花子\nX@example.jp,山田,華子\nx@example.jp,山田,華子\n"
    twice = bring(text)
    assert twice.check() == (1, 1, 1, 0)
    assert twice.run() == (1, 1, 1, 0)
    assert [person.given_name for person in people()] == ["華子"]
    refused = bring(text.replace("x@", "y@").replace("X@", "y@"), again="refuse")
    assert refused.check() == (1, 0, 0, 2)
    assert refused.run() == (1, 0, 0, 2)
    assert "2" in refused.problems()[3]


def test_telephone_and_name_find_somebody_however_they_are_written(bring):
    make_customer(family_name="ヤマダ", given_name="太郎", phone="03-1234-5678", email=None)
    text = "氏名,電話,市区町村\nやまだ　太郎,０３１２３４５６７８,港区\n山田 次郎,03-1234-5678,港区\n"
    file = bring(text, match="phone_name", policies={"full_name": "keep"})
    assert file.check() == (1, 1, 0, 0)
    assert file.run() == (1, 1, 0, 0)
    first, second = people()
    assert (first.family_name, first.city) == ("ヤマダ", "港区")
    assert (second.family_name, second.given_name) == ("山田", "次郎")


def test_numbers_that_nobody_has_and_taken_addresses_are_refused(bring):
    one = make_customer(email="a@example.jp")
    make_customer(email="b@example.jp")
    text = f"顧客番号,メール\n{one.number},b@example.jp\n99999,c@example.jp\n"
    file = bring(text, match="number")
    assert file.check() == file.run() == (0, 0, 0, 2)
    assert set(file.problems()) == {2, 3}


def test_rows_with_wrong_cells_are_refused_with_the_reason_and_the_column(bring):
    file = bring(
        "姓,メール,生年月日,都道府県\n"
        "山田,bad,1990-02-30,東京\n"
        "佐藤,ok@example.jp,R8.1.5,どこか\n"
        "鈴木,s@example.jp,昭和65年1月1日,\n"
        "高橋,t@example.jp,H31/4/30,京都府,多い\n"
        ",,,\n"
        ",,,大阪\n"
        "田中,u@example.jp,平成元年1月8日,大阪府\n"
    )
    assert file.run() == (1, 0, 0, 5)
    assert set(file.problems()) == {2, 3, 4, 5, 7}
    from core.imports.queries import first_problems

    assert [heading for heading, _text in first_problems(file.id)[0].messages] == ["メール", "生年月日"]
    assert str(people()[0].birthday) == "1989-01-08"


def test_formulas_are_data(bring):
    bring('メール,メモ\na@example.jp,"=HYPERLINK(""http://x"")"\n').run()
    assert people()[0].memo == '=HYPERLINK("http://x")'


def test_the_dry_run_and_the_run_agree_across_batches(bring, monkeypatch):
    monkeypatch.setattr(checking, "BATCH", 3)
    rows = [f"p{n % 7}@example.jp,姓{n % 3},名\n" for n in range(40)]
    file = bring("メール,姓,名\n" + "".join(rows))
    assert file.check() == file.run()
    assert sum(file.counts) == 40
    assert len(people()) == 7


def test_a_run_that_was_killed_goes_on_without_doubling(bring, monkeypatch):
    monkeypatch.setattr(checking, "BATCH", 4)
    file = bring("姓,メモ\n" + "".join(f"姓{n},{n}\n" for n in range(20)), match="none")
    file.check()
    file.begin()
    real, calls = running.Runner._write, []

    def die(self, plans, book):
        calls.append(1)
        real(self, plans, book)
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(running.Runner, "_write", die)
    with pytest.raises(KeyboardInterrupt):
        jobs.run(lambda *_: None, file.id)
    assert (len(people()), file.row.position, file.row.state) == (8, 8, ImportState.RUNNING)
    jobs.run(lambda *_: None, file.id)
    assert [person.memo for person in people()] == [str(n) for n in range(20)]
    assert file.counts == (20, 0, 0, 0)
    assert db.session.scalar(select(func.count()).select_from(ImportRow)) == 20


def test_two_workers_at_one_import_do_not_double(bring):
    from core.errors import Conflict

    file = bring("姓\n山田\n佐藤\n", match="none")
    file.check()
    file.begin()
    late = running.Runner(file.id, file.settings, by=None)
    jobs.run(lambda *_: None, file.id)
    with pytest.raises(Conflict):
        late.run([(2, ["山田"])], done=0, progress=lambda _n: None)
    assert len(people()) == 2


def test_what_is_not_checked_is_not_imported(bring):
    from core.errors import Conflict

    file = bring("姓\n山田\n")
    with pytest.raises(Conflict):
        file.begin()
    file.choose(match="none")
    file.check()
    file.choose(clears=True)
    with pytest.raises(Conflict):
        file.begin()


def test_plugins_hear_of_every_customer(bring, enable_plugins, monkeypatch):
    told = []
    monkeypatch.setattr(running, "notify", lambda hook, **values: told.append(hook))
    known = make_customer(email="a@example.jp")
    with transaction():
        update_customer(known.id, {"memo": "alt"})
    bring("メール,メモ\na@example.jp,neu\nb@example.jp,neu\n").run()
    assert sorted(told) == ["customer_created", "customer_updated"]


def test_further_addresses_find_their_customer_and_are_taken_by_them(bring):
    from core.customers.contact_points.models import ContactPoint

    known = make_customer(email="a@example.jp", family_name="旧")
    with transaction():
        further = ContactPoint(
            customer_id=known.id,
            kind="email",
            key="b@example.jp",
            email_key="b@example.jp",
            value="b@example.jp",
        )
        db.session.add(further)
    found = bring("メール,姓\nb@example.jp,新\n")
    assert found.run() == (0, 1, 0, 0)
    taken = bring("メール,姓\nb@example.jp,別人\n", match="none")
    assert taken.run() == (0, 0, 0, 1)
    assert [(person.email, person.family_name) for person in people()] == [("a@example.jp", "新")]


def test_who_comes_again_comes_in_a_later_wave_and_nobody_else():
    from core.imports.matching import waves
    from core.imports.rows import Row

    rows = [
        Row(1, match_key="a"),
        Row(2, match_key="b"),
        Row(3, match_key="a"),
        Row(4),
        Row(5, email_key="x"),
    ]
    rows += [Row(6, match_key="a", email_key="x"), Row(7, match_key="c"), Row(8, email_key="x")]
    found = [[row.number for row in wave] for wave in waves(rows)]
    assert found == [[1, 2, 4, 5, 7], [3], [6], [8]]
    assert list(waves([])) == []
