import pytest
from sqlalchemy import func, insert, select

from core.activity.services import add_note
from core.customers.label_services import add_label_to
from core.customers.models import Customer
from core.customers.queries import search_customers
from core.customers.services import (
    customer_report,
    erase_customer,
    merge_customers,
    update_customer,
)
from core.db import db, transaction, utcnow
from core.imports import forgetting, services, undoing
from core.imports.models import ImportRow, ImportState
from core.imports.undoing import list_kept
from core.testing.factories import make_account, make_custom_field, make_customer, make_label


def everything():
    """All that is known about everybody, by number."""
    db.session.rollback()
    db.session.expire_all()
    ids = db.session.scalars(select(Customer.id)).all()
    return {n: customer_report(n)["fields"] for n in ids}


def test_an_undone_import_leaves_everything_as_it_was(bring):
    make_label("VIP")
    make_label("夏")
    make_custom_field("size", "integer")
    make_customer(
        email="a@example.jp", birthday="1990-01-02", labels=["VIP"], custom_size="3", interests=["茶"]
    )
    make_customer(email="b@example.jp", memo="alt", sns_line="b", is_decision_maker="true")
    before = everything()
    file = bring(
        "メール,姓,誕生日,ラベル,趣味,size,LINE,意思決定者,メモ\n"
        "a@example.jp,新,R1.5.1,夏,花,5,aa,はい,m\n"
        "b@example.jp,新,,VIP,,7,bb,いいえ,n\n"
        "c@example.jp,初,H2.2.2,VIP;夏,山,9,cc,はい,o\n"
        "a@example.jp,再,R2.5.1,夏,花,6,,,p\n"
    )
    assert file.run() == (1, 3, 0, 0)
    assert everything() != before
    assert file.undo() == (4, 0)
    assert everything() == before
    assert file.row.state == ImportState.UNDONE
    assert search_customers("初") == []
    assert len(search_customers("b@example.jp")) == 1


def test_what_somebody_changed_since_stays_and_is_listed(bring):
    make_customer(email="a@example.jp", family_name="旧", city="港区")
    file = bring("メール,姓,市区町村\na@example.jp,新,千代田区\nb@example.jp,初,\nc@example.jp,次,\n")
    file.run()
    first, second, _third = db.session.scalars(select(Customer).order_by(Customer.id)).all()
    with transaction():
        update_customer(first.id, {"city": "文京区"})
        update_customer(second.id, {"memo": "電話した"})
    assert file.undo() == (1, 2)
    found = everything()
    assert found[first.id]["family_name"] == "旧"
    assert found[first.id]["city"] == "文京区"
    assert found[second.id]["family_name"] == "初"
    kept = {row.number: row.kept for row in list_kept(file.id)}
    assert kept[2] == {"reason": "changed", "fields": ["city"]}
    assert kept[3]["reason"] in ("edited", "used")


@pytest.mark.parametrize("use", ["note", "account", "label", "form"])
def test_created_customers_who_were_used_since_stay(bring, use, enable_plugins):
    file = bring("メール,姓\nb@example.jp,初\n")
    file.run()
    person = db.session.scalar(select(Customer))
    if use == "note":
        with transaction():
            add_note(person.id, "電話した")
    elif use == "account":
        make_account("Member", customer=person, email="b@example.jp")
    elif use == "label":
        label = make_label("VIP")
        with transaction():
            add_label_to(select(Customer.id), label.id)
    else:
        enable_plugins("contact_forms")
        table = db.metadata.tables["contact_forms_hold"]
        with transaction():
            db.session.execute(insert(table), {"customer_id": person.id, "reason": "x", "at": utcnow()})
    assert file.undo() == (0, 1)
    assert len(everything()) == 1


def test_an_address_that_somebody_else_got_since_does_not_return(bring):
    known = make_customer(email="a@example.jp", family_name="旧")
    number = known.number
    file = bring(f"顧客番号,メール\n{number},new@example.jp\n", match="number")
    file.run()
    make_customer(email="a@example.jp", family_name="別人")
    assert file.undo() == (0, 1)
    assert everything()[known.id]["email"] == "new@example.jp"


def test_customers_who_were_merged_since_stay(bring):
    kept = make_customer(email="a@example.jp")
    file = bring("メール,姓\nb@example.jp,初\n")
    file.run()
    merged = db.session.scalar(select(Customer.id).where(Customer.email_key == "b@example.jp"))
    with transaction():
        merge_customers(kept.id, merged)
    assert file.undo() == (0, 0)
    assert [row.kept for row in list_kept(file.id)] == [{"reason": "merged"}]
    assert list(everything()) == [kept.id]


def test_a_killed_undoing_goes_on(bring, monkeypatch):
    monkeypatch.setattr(undoing, "BATCH", 3)
    file = bring("姓\n" + "".join(f"姓{n}\n" for n in range(10)), match="none")
    file.run()
    real, calls = undoing.Undoer._count, []

    def die(self, counts):
        real(self, counts)
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(undoing.Undoer, "_count", die)
    with pytest.raises(KeyboardInterrupt):
        file.undo()
    assert (len(everything()), file.row.undone) == (7, 3)
    from core.imports import jobs

    jobs.undo(lambda *_: None, file.id)
    assert (len(everything()), file.row.undone, file.row.state) == (0, 10, ImportState.UNDONE)


def test_erasing_a_customer_takes_old_values_and_the_file_along(bring):
    known = make_customer(email="a@example.jp", family_name="旧姓")
    file = bring("メール,姓\na@example.jp,新姓\nb@example.jp,他人\n")
    file.run()
    stored = file.row.stored
    with transaction():
        erase_customer(known.id)
    assert file.row.stored is None
    with pytest.raises(FileNotFoundError):
        services.store().open(stored)
    assert db.session.scalar(select(func.count()).select_from(ImportRow)) == 1
    assert file.undo() == (1, 0)


def test_erasing_takes_the_person_out_of_the_examples_of_a_check(bring):
    known = make_customer(email="a@example.jp", family_name="旧姓")
    file = bring("メール,姓\na@example.jp,新姓\nb@example.jp,他人\n")
    file.check()
    with transaction():
        erase_customer(known.id)
    assert "新姓" not in str(file.row.report)
    assert "他人" in str(file.row.report)


def test_files_and_old_values_go_when_their_time_is_over(bring):
    make_customer(email="a@example.jp", family_name="旧姓")
    done = bring("メール,姓\na@example.jp,新姓\n", name="secret.csv")
    done.run()
    draft = bring("メール,姓\na@example.jp,新姓\n")
    names = [done.row.stored, draft.row.stored]
    with transaction():
        assert forgetting.forget_old() == 0
        for file in (done, draft):
            row = services.get_import(file.id)
            row.created_at -= services.KEEP if file is done else services.KEEP_DRAFT
            row.created_at -= services.KEEP_DRAFT
    with transaction():
        assert forgetting.forget_old() == 2
    for name in names:
        with pytest.raises(FileNotFoundError):
            services.store().open(name)
    assert done.row.forgotten_at is not None
    assert "secret" not in done.row.file_name
    assert db.session.scalar(select(func.count()).select_from(ImportRow)) == 0
    from core.errors import Conflict

    with pytest.raises(Conflict):
        done.undo()
