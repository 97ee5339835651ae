import datetime as dt

import pytest
from sqlalchemy import func, select

from core.activity.models import AuditEntry
from core.activity.services import add_note
from core.bulk.models import BulkRow
from core.customers.models import Customer
from core.customers.services import erase_customer
from core.db import db, transaction, utcnow
from core.mail.services import queue_mail
from core.privacy import services as requests
from core.privacy.erasing.certificates import erasing_lines, get_certificate, lines_of
from core.privacy.holds import hold_customer
from core.privacy.models import Certificate, PrivacyRequest
from core.testing.factories import make_account, make_customer
from plugins.contact_forms.builder.building import create_form
from plugins.contact_forms.models import Submission
from plugins.member_tiers.models import PointEntry
from plugins.member_tiers.points import ledger
from tests.journey_kit import set_site
from tests.shop_kit import FIELDS


def erase(customer_id):
    with transaction():
        return get_certificate(erase_customer(customer_id)["certificate"])


def told(lines):
    return {str(line.title): (line.goes, line.keeps) for _owner, line in lines}


def test_the_preview_tells_what_the_certificate_says_later(app):
    customer_id = make_customer(email="a@example.jp").id
    make_account("Member", customer=db.session.get(Customer, customer_id))
    with transaction():
        add_note(customer_id, "電話した")
        queue_mail("core.test", "a@example.jp", {"sent_at": utcnow(), "sender": "x@example.jp"})
        requests.receive({"kind": "erase", "way": "phone", "customer_id": customer_id}, by=None)
    before = told(erasing_lines(customer_id))
    assert before["顧客データ本体"] == (1, 0)
    assert before["タイムラインの記録"] == (3, 0)
    assert before["ログイン"] == (1, 0)
    assert before["メール"] == (1, 0)
    assert before["個人情報の請求"] == (0, 1)
    assert told(lines_of(erase(customer_id))) == before


def test_a_certificate_tells_nothing_about_the_person(app):
    customer_id = make_customer(family_name="秘密", email="secret@example.jp", memo="秘密").id
    erase(customer_id)
    rows = repr(db.session.execute(select(Certificate.__table__)).all())
    assert "秘密" not in rows
    assert "secret" not in rows
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "customer.erased"))
    assert entry.data["certificate"] == db.session.scalar(select(Certificate.id))


@pytest.fixture
def shop(app, enable_plugins, client):
    """A form that got a message of each of two people, who both have points."""
    enable_plugins("member_tiers", "contact_forms")
    with transaction():
        create_form("contact", "お問い合わせ", FIELDS)
    ids = [make_customer(email=f"p{n}@example.jp").id for n in range(2)]
    form = db.session.scalar(select(Submission.form_id)) or 1
    with transaction():
        for n, customer_id in enumerate(ids):
            db.session.add(
                Submission(
                    form_id=form,
                    customer_id=customer_id,
                    receipt=f"R-{n}",
                    once_key=f"k{n}",
                    sender_name="秘密",
                    answers=[{"key": "x", "label": "x", "type": "text", "value": "秘密"}],
                )
            )
            ledger.earn(customer_id, 300 + n, ledger.Movement(f"t:{n}", "gift"), expires_on=None)
    return ids


def sums():
    points = select(func.sum(PointEntry.amount)).where(PointEntry.amount > 0)
    return {
        "messages": db.session.scalar(select(func.count()).select_from(Submission)),
        "receipts": sorted(db.session.scalars(select(Submission.receipt))),
        "by_day": db.session.execute(
            select(func.date(Submission.submitted_at), func.count()).group_by(
                func.date(Submission.submitted_at)
            )
        ).all(),
        "granted": db.session.scalar(points),
        "liability": db.session.scalar(
            select(func.sum(PointEntry.amount)).where(PointEntry.customer_id.is_not(None))
        ),
    }


def test_erasing_keeps_counts_of_messages_and_sums_of_points(shop):
    before, lines = sums(), told(erasing_lines(shop[0]))
    assert lines["メッセージの受付番号"] == (0, 1)
    assert lines["ポイント台帳の記帳"] == (0, 1)
    erase(shop[0])
    after = sums()
    # What the person had left is written off: nobody can spend it any more.
    assert after.pop("liability") == before.pop("liability") - 300 == 301
    assert after == before
    assert db.session.scalar(select(func.sum(PointEntry.amount))) == 301
    assert "秘密" not in repr(
        db.session.execute(select(Submission.__table__).where(Submission.customer_id.is_(None))).all()
    )


# The screens


@pytest.fixture
def owner(app, client, login):
    login(client, make_account("Owner"))
    return client


def test_the_screen_shows_what_goes_and_ends_at_the_certificate(owner):
    customer = make_customer(family_name="花山")
    customer_id, number = customer.id, customer.number
    url = f"/admin/customers/{customer_id}/erase"
    page = owner.get(url).get_data(as_text=True)
    assert "顧客データ本体" in page
    assert owner.post(url, data={"confirm": "1"}).status_code == 422
    answer = owner.post(url, data={"confirm": number})
    shown = owner.get(answer.headers["Location"]).get_data(as_text=True)
    assert number in shown
    assert "花山" not in shown
    # A second click, or another tab.
    assert owner.post(url, data={"confirm": number}).headers["Location"] == answer.headers["Location"]
    assert owner.get(url).status_code == 404
    assert "/admin/privacy/certificates/1" in owner.get("/admin/privacy/certificates").get_data(as_text=True)


def test_a_held_one_offers_no_button_and_is_refused(owner):
    customer = make_customer()
    customer_id, number = customer.id, customer.number
    with transaction():
        hold_customer(customer_id, "legal", "訴訟のため", by=None)
    url = f"/admin/customers/{customer_id}/erase"
    page = owner.get(url).get_data(as_text=True)
    assert "訴訟のため" in page
    assert 'name="confirm"' not in page
    assert owner.post(url, data={"confirm": number}).headers["Location"].endswith(f"/{customer_id}")
    assert db.session.get(Customer, customer_id) is not None


def test_a_request_is_answered_by_it_once_the_identity_is_sure(owner):
    customer = make_customer()
    customer_id, number = customer.id, customer.number
    with transaction():
        asked = requests.receive({"kind": "erase", "way": "phone", "customer_id": customer_id}, by=None).id
    url = f"/admin/customers/{customer_id}/erase?request={asked}"
    assert owner.get(url).status_code == 409
    assert owner.post(url, data={"confirm": number}).status_code == 409
    with transaction():
        requests.confirm_identity(asked, "licence", "", by=None)
    answer = owner.post(url, data={"confirm": number})
    row = db.session.get(PrivacyRequest, asked)
    assert (row.state, row.customer_id) == ("done", None)
    assert row.forgotten_at is not None
    assert answer.headers["Location"] in owner.get(f"/admin/privacy/{asked}").get_data(as_text=True)
    assert owner.get(f"/admin/customers/{make_customer().id}/erase?request={asked}").status_code == 404
    assert owner.get(f"/admin/customers/{make_customer().id}/erase?request=x").status_code == 404


def test_it_asks_for_a_recent_log_in(owner):
    from sqlalchemy import update

    from core.accounts.models import LoginSession

    customer_id = make_customer().id
    with transaction():
        db.session.execute(update(LoginSession).values(authenticated_at=utcnow() - dt.timedelta(hours=1)))
    for url in (f"/admin/customers/{customer_id}/erase",):
        assert owner.get(url).headers["Location"].startswith("/login/again")
    assert (
        owner.post(f"/admin/privacy/customers/{customer_id}/packages")
        .headers["Location"]
        .startswith("/login/again")
    )


def test_many_at_once_leave_the_held_ones_with_the_reason(owner):
    first, second = make_customer().id, make_customer().id
    with transaction():
        hold_customer(first, "legal", "訴訟のため", by=None)
    chosen = {"do": "action", "scope": "ids", "ids": [first, second], "action": "erase", "confirmed": 2}
    owner.post("/admin/customers/", data=chosen)
    assert list(db.session.scalars(select(Customer.id))) == [first]
    assert db.session.scalar(select(BulkRow.state)) == "refused"


def test_leads_in_the_list_of_the_rule_are_kept_with_one_click(owner):
    from core.privacy.models import Hold, Mark

    customer_id = make_customer(stage="lead").id
    with transaction():
        db.session.add(Mark(customer_id=customer_id, marked_on=utcnow().date()))
    for _n in range(2):
        assert owner.post(f"/admin/privacy/retention/{customer_id}/keep").status_code == 303
    assert db.session.scalar(select(Hold.kind)) == "retention"
    assert db.session.execute(select(Mark)).first() is None


def test_the_rule_is_saved_only_after_its_own_preview(owner):
    from core.plugin_host.snapshot import current_snapshot, use_current_snapshot

    rule = {"months": 12, "then": "erase", "days": 30}
    assert owner.post("/admin/privacy/retention", data=rule).status_code == 200
    use_current_snapshot()
    assert current_snapshot().site.lead_retention_months == 0
    other = {**rule, "days": 7, "previewed": "12.erase.30"}
    assert owner.post("/admin/privacy/retention", data=other).status_code == 200
    assert owner.post("/admin/privacy/retention", data={**rule, "days": 1}).status_code == 422
    assert owner.post("/admin/privacy/retention", data={**rule, "months": "9" * 5000}).status_code == 422
    assert (
        owner.post("/admin/privacy/retention", data={**rule, "previewed": "12.erase.30"}).status_code == 303
    )
    use_current_snapshot()
    assert current_snapshot().site.lead_retention_months == 12
    set_site(lead_retention_months=0)
