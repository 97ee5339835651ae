"""The tiny site comes over whole, from its database and from its export file, and only once."""

import datetime as dt

import pytest
import wordpress_kit as kit
from sqlalchemy import func, select

from core.accounts.models import Account, AccountState
from core.activity.models import Activity
from core.customers.models import Company, Customer
from core.customers.queries import find_customer_by_email
from core.db import db, transaction
from core.mail.models import OutboxMail
from plugins.contact_forms.models import Folder, Form, Submission
from plugins.contact_forms.models_pipeline import Consent
from plugins.member_tiers.models import Membership, Tier
from plugins.wordpress_import.models import Line, Seen

ROLES = {"": "member"}


def of(model, *where):
    return db.session.scalars(select(model).where(*where)).all()


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def everything():
    models = (Customer, Account, Company, Activity, Form, Submission, Consent, Tier, Membership, Seen)
    return {model.__name__: count(model) for model in models}


def person(email):
    found = find_customer_by_email(email)
    assert found is not None, email
    return found


def check_people():
    hanako = person("hanako.yamada@example.jp")
    assert (hanako.family_name, hanako.given_name) == ("山田", "花子")
    assert person("mina@example.jp").family_name == "佐藤"
    assert {label.name for label in person("mina@example.jp").labels} == {"茶会", "VIP客"}
    assert person("ichiro@example.jp").given_name == "一郎"
    assert all(one.may_contact is None for one in of(Customer))


def check_messages():
    by_receipt = {one.receipt: one for one in of(Submission)}
    assert len(by_receipt) == len(kit.MESSAGES)
    first = by_receipt["WP-301"]
    assert (first.folder, first.is_read, first.status) == (Folder.INBOX, True, "done")
    assert first.submitted_at == dt.datetime(2022, 5, 6, tzinfo=dt.UTC)
    assert first.customer_id == person("hanako.yamada@example.jp").id
    answers = {answer["key"]: answer["value"] for answer in first.answers}
    assert answers == {
        "your-name": "山田 花子",
        "your-email": "hanako.yamada@example.jp",
        "your-message": "新茶はいつですか。\n楽しみです🍵",
        "wish": ["煎茶", "抹茶"],
        "agree": True,
    }
    assert {"お名前", "内容"} <= {answer["label"] for answer in first.answers}
    assert by_receipt["WP-303"].folder == Folder.SPAM
    assert by_receipt["WP-304"].folder == Folder.TRASH
    assert find_customer_by_email("spam@example.com") is None
    consent = of(Consent)[0]
    assert (consent.wording, consent.given_at) == ("個人情報の取り扱いに同意します。", first.submitted_at)


def check_form():
    forms = {form.title: form for form in of(Form)}
    form = forms["お問い合わせ"]
    assert (form.state, form.slug) == ("closed", "contact-form-1")
    assert [field.label for field in form.fields][:3] == ["お名前", "メールアドレス", "内容"]
    assert forms["予約"].state == "closed"


def test_a_database_comes_over_whole(moving, wordpress):
    counts = moving(url=wordpress).whole()
    assert {kind: sum(its.values()) for kind, its in counts.items()} == {
        "company": 1, "user": 6, "contact": 2, "crm_contact": 2, "log": 3, "form": 1, "message": 4,
        "level": 2, "membership": 4, "order": 1,
    }  # fmt: skip
    assert counts["user"] == {"skipped": 1, "created": 5}
    assert counts["membership"] == {"created": 3, "skipped": 1}
    check_people()
    check_messages()
    check_form()
    hanako = person("hanako.yamada@example.jp")
    assert (hanako.postal_code, hanako.prefecture, hanako.city) == ("100-0001", "13", "千代田区")
    assert (hanako.phone, hanako.family_kana, hanako.company_name) == ("090-1234-5678", "ヤマダ", "山田商店")
    assert hanako.created_at == dt.datetime(2021, 4, 2, 1, 2, 3, tzinfo=dt.UTC)
    assert find_customer_by_email("owner@tea.example") is None


def test_jetpack_crm_and_paid_memberships_pro_come_over(moving, wordpress):
    moving(url=wordpress).whole()
    aoki, company = person("aoki@aoba.example"), of(Company)[0]
    assert (company.name, company.prefecture, company.phone) == ("株式会社青葉", "13", "03-1234-5678")
    assert "与信確認済み" in company.memo
    assert (aoki.name, aoki.stage, aoki.company_id) == ("青木 誠", "customer", company.id)
    assert {label.name for label in aoki.labels} == {"取引先"}
    assert [(row.service, row.handle) for row in aoki.social_accounts] == [("x", "aoki_tea")]
    call = of(Activity, Activity.customer_id == aoki.id, Activity.kind == "call")[0]
    assert (call.title, call.body) == ("納期の件で電話", "来週と回答。\n\n了承。")
    assert call.pinned_at is not None
    taken = of(Activity, Activity.customer_id == aoki.id, Activity.kind == "wordpress_import.taken")[0]
    assert "玉露" in taken.body and "makoto@example.jp" in taken.body
    hanako = person("hanako.yamada@example.jp")
    # The contact without an address is the same person as the user that it names.
    assert db.session.scalar(select(Seen.customer_id).where(Seen.source_id == 22)) == hanako.id
    stays = sorted(
        (m.starts_on.isoformat(), str(m.ends_on), m.status)
        for m in of(Membership, Membership.customer_id == hanako.id)
    )
    assert stays == [("2021-04-02", "2022-03-31", "expired"), ("2022-04-01", "None", "active")]
    order = of(Activity, Activity.kind == "wordpress_import.order")[0]
    assert order.data == {"code": "A1B2C3", "total": "3000.00"}
    assert order.occurred_at == dt.datetime(2022, 4, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize("login", [one["login"] for one in kit.USERS if one["login"] not in ("admin", "old")])
def test_each_kind_of_hash_opens_with_the_old_password(moving, wordpress, client, login):
    moving(url=wordpress).whole()
    email = next(one["email"] for one in kit.USERS if one["login"] == login)
    account = of(Account, Account.email == email)[0]
    assert account.state == AccountState.ACTIVE and account.role.kind == "member"
    assert not account.password_hash.startswith("$argon2")
    answer = client.post("/login", data={"email": email, "password": kit.PASSWORD})
    assert answer.status_code == 302
    db.session.expire_all()
    assert of(Account, Account.email == email)[0].password_hash.startswith("$argon2")


def test_a_hash_that_nobody_knows_is_left_out_and_told(moving, wordpress):
    move = moving(url=wordpress)
    move.whole()
    assert of(Account, Account.email == "old@example.jp")[0].password_hash is None
    told = of(Line, Line.run_id == move.id, Line.kind == "user", Line.source_id == 6)
    assert len(told) == 1 and told[0].outcome == "created"


@pytest.mark.parametrize("source", ["file", "database"])
def test_a_second_move_makes_nothing_twice(moving, request, source):
    given = {"url": request.getfixturevalue("wordpress")} if source == "database" else {}
    files = () if given else (kit.write_wxr(),)
    moving(*files, **given).whole(roles=ROLES)
    before = everything()
    counts = moving(*files, **given).whole(roles=ROLES)
    assert everything() == before
    assert {outcome for its in counts.values() for outcome in its} <= {"unchanged", "skipped"}


def test_an_export_file_comes_over_whole(moving):
    counts = moving(kit.write_wxr()).whole(roles=ROLES)
    assert counts == {
        "user": {"created": 6}, "contact": {"created": 1, "matched": 1}, "form": {"created": 1},
        "message": {"created": 4},
    }  # fmt: skip
    check_people()
    check_messages()
    check_form()
    assert all(account.password_hash is None for account in of(Account))


def test_the_export_of_a_site_and_its_database_are_one(moving, wordpress):
    moving(kit.write_wxr()).whole(roles=ROLES)
    people, messages = count(Customer), count(Submission)
    moving(url=wordpress).whole()
    assert count(Submission) == messages
    assert count(Customer) == people + 1  # the contact of Jetpack CRM, whom no file knows


def test_two_sites_come_side_by_side(moving):
    moving(kit.write_wxr()).whole(roles=ROLES)
    counts = moving(kit.write_wxr(url="https://other.example")).whole(roles=ROLES)
    assert counts["message"] == {"created": 4}
    assert counts["user"] == {"matched": 6}
    assert count(Submission) == 8


def test_nobody_gets_a_mail(moving, wordpress):
    moving(url=wordpress).whole()
    assert count(OutboxMail) == 0


def test_a_dry_run_says_the_same_and_changes_nothing(moving, wordpress):
    move = moving(url=wordpress).look().choose().check()
    before, planned = everything(), move.row.report["counts"]
    assert before["Customer"] == before["Submission"] == before["Seen"] == 0
    assert move.row.report["samples"]["user"][0] == "山田 花子"
    assert planned == move.move()


def test_what_somebody_edited_here_stays(moving):
    moving(kit.write_wxr()).whole(roles=ROLES)
    with transaction():
        person("mina@example.jp").family_name = "高橋"
    changed = kit.write_wxr().replace("佐藤 美奈".encode(), "伊藤 みな".encode())
    counts = moving(changed).whole(roles=ROLES)
    mina = person("mina@example.jp")
    # The given name is still as the first move wrote it, the family name is not.
    assert (mina.family_name, mina.given_name) == ("高橋", "みな")
    assert counts["contact"] == {"unchanged": 1, "changed": 1}


@pytest.mark.parametrize(("policy", "name"), [("keep", "高橋"), ("fill", "高橋"), ("overwrite", "佐藤")])
def test_who_is_here_already_is_treated_as_the_owner_chose(moving, policy, name):
    from core.customers.services import create_customer

    with transaction():
        create_customer({"email": "mina@example.jp", "family_name": "高橋"})
    moving(kit.write_wxr()).whole(policy=policy)
    mina = person("mina@example.jp")
    assert mina.family_name == name
    assert mina.given_name == (None if policy == "keep" else "美奈")


def test_an_erased_person_is_not_brought_back(moving):
    from core.customers.services import erase_customer

    moving(kit.write_wxr()).whole(roles=ROLES)
    with transaction():
        erase_customer(person("mina@example.jp").id, by=None)
    counts = moving(kit.write_wxr()).whole(roles=ROLES)
    assert counts["contact"] == {"unchanged": 1, "skipped": 1}
    assert find_customer_by_email("mina@example.jp") is None


def test_staff_accounts_stay_what_they_are(moving, wordpress):
    from core.testing.factories import make_account

    owner = make_account("Owner", email="ichiro@example.jp")
    before = owner.password_hash
    moving(url=wordpress).whole(roles={"administrator": "member"})
    db.session.expire_all()
    assert owner.role.kind == "owner" and owner.password_hash == before and owner.customer_id is None
    assert of(Account, Account.email == "owner@tea.example")[0].role.kind == "member"


def test_without_the_plugins_their_rows_stay_there_and_the_page_says_so(
    begin_moving, enable_plugins, wordpress
):
    from plugins.wordpress_import.engine import left_in_wordpress
    from plugins.wordpress_import.policy import Settings

    enable_plugins("wordpress_import")
    move = begin_moving(url=wordpress).look()
    left = left_in_wordpress(move.row.found["counts"], Settings())
    assert left == {
        "form": "contact_forms",
        "message": "contact_forms",
        "level": "member_tiers",
        "membership": "member_tiers",
    }
    counts = move.choose().check().move()
    assert set(counts) == {"company", "user", "contact", "crm_contact", "log", "order"}
