"""Joining: application, approval, invoice, payment; nothing counts before it is paid."""

import datetime as dt
import re
from typing import Any

import pytest
from paying_kit import asked, mails_to, open_tier, pay, post
from sqlalchemy import select
from tiers_kit import Customer, days, make_member

from core.config import ROOT
from core.content.services import save_page
from core.db import db, transaction
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import site_today
from core.plugin_host import lifecycle
from core.settings.services import save_plugin_settings
from core.testing.factories import make_account, make_staff
from core.testing.fixtures import SAMPLE_PLUGINS, Client, make_app, opened
from plugins.member_tiers import api
from plugins.member_tiers.memberships.models import Membership, MembershipStatus
from plugins.member_tiers.paying import jobs, payments, services
from plugins.member_tiers.paying.models import Invoice, InvoiceState, Payment
from plugins.member_tiers.paying.people import report_invoices
from plugins.member_tiers.queries import current_membership
from plugins.member_tiers.services import save_tier
from tests.journey_kit import set_site

SITE, ADMIN = "/member-tiers", "/admin/member-tiers"


@pytest.fixture
def gold(tiers: Any) -> Any:
    """Gold can be applied for: 5,000 yen to join and 12,000 yen a year."""
    return open_tier(tiers["gold"])


def runs(customer_id: int) -> bool:
    db.session.expire_all()
    return current_membership(customer_id) is not None


class TestFlow:
    def test_an_application_is_approved_invoiced_and_paid(
        self, gold: Any, client: Any, new_client: Any, login: Any
    ) -> None:
        member, owner = make_member(), make_account("Owner")
        login(client, member)
        page = client.get(f"{SITE}/join/gold")
        assert "¥17,000" in page.text and "¥5,000" in page.text
        assert post(client, f"{SITE}/join/gold", method="bank", message="茶会に参りたく") == 303
        membership = asked(member.customer_id)
        assert membership.status == MembershipStatus.APPLIED and not runs(member.customer_id)
        assert "審査中" in client.get(f"{SITE}/memberships").text
        staff = new_client()
        login(staff, owner)
        assert "茶会に参りたく" in staff.get(f"{ADMIN}/applications/{membership.id}").text
        assert post(staff, f"{ADMIN}/applications/{membership.id}/approve") == 303
        invoice = db.session.scalars(select(Invoice)).one()
        assert (invoice.total, invoice.state, invoice.due_on) == (17_000, "open", site_today() + days(14))
        assert asked(member.customer_id).status == MembershipStatus.INVOICED and not runs(member.customer_id)
        token = re.search(
            r'name="token"[^>]*value="([^"]+)"', staff.get(f"{ADMIN}/invoices/{invoice.id}").text
        )
        assert token is not None
        paid = {"amount": 17_000, "paid_on": site_today(), "method": "bank", "token": token[1]}
        for _again in range(2):
            assert post(staff, f"{ADMIN}/invoices/{invoice.id}/payments", **paid) == 303
        assert len(db.session.scalars(select(Payment)).all()) == 1
        assert runs(member.customer_id)
        subjects = [mail.template for mail in mails_to(member.email)]
        assert subjects == ["member_tiers.application", "member_tiers.invoice", "member_tiers.paid"]

    def test_without_approval_the_invoice_follows_at_once(self, tiers: Any) -> None:
        tier, member = open_tier(tiers["silver"], needs_approval=False), make_member()
        with transaction():
            services.apply(member.customer_id, tier.id, method="konbini")
        assert db.session.scalars(select(Invoice)).one().method == "konbini"
        assert not runs(member.customer_id)

    def test_a_free_tier_runs_at_once(self, tiers: Any) -> None:
        tier = open_tier(tiers["free"], fee=0, joining_fee=0, needs_approval=False)
        member = make_member()
        with transaction():
            services.apply(member.customer_id, tier.id, method="")
        assert runs(member.customer_id) and not db.session.scalars(select(Invoice)).all()

    def test_a_refused_one_never_runs_and_its_reason_is_mailed(self, gold: Any) -> None:
        member = make_member()
        with transaction():
            membership = services.apply(member.customer_id, gold.id, method="bank")
            services.refuse(membership.id, reason="定員に達しました", by=None)
        assert "定員に達しました" in mails_to(member.email)[-1].text
        with pytest.raises(Conflict), transaction():
            services.approve(membership.id, by=None)
        assert not runs(member.customer_id)

    def test_only_open_tiers_and_offered_ways_and_once(self, gold: Any, tiers: Any) -> None:
        member = make_member()
        with pytest.raises(NotFound), transaction():
            services.apply(member.customer_id, tiers["silver"].id, method="bank")
        with pytest.raises(ValidationFailed), transaction():
            services.apply(member.customer_id, gold.id, method="manual")
        with transaction():
            services.apply(member.customer_id, gold.id, method="bank")
        with pytest.raises(ValidationFailed), transaction():
            services.apply(member.customer_id, gold.id, method="bank")

    @pytest.mark.parametrize(
        "wrong", [{}, {"method": "gold"}, {"method": "bank", "message": "x" * 1001}, {"method": "a\0b"}]
    )
    def test_wrong_answers_give_the_page_again(
        self, gold: Any, client: Any, login: Any, wrong: dict[str, str]
    ) -> None:
        login(client, make_member())
        assert post(client, f"{SITE}/join/gold", **wrong) in (400, 422)
        assert not db.session.scalars(select(Membership)).all()


class TestPayments:
    @pytest.fixture
    def invoice(self, gold: Any) -> Invoice:
        """An invoice of 17,000 yen, to be paid at a convenience store."""
        self.member = make_member()
        with transaction():
            membership = services.apply(self.member.customer_id, gold.id, method="konbini")
            services.approve(membership.id, by=None)
        return db.session.scalars(select(Invoice)).one()

    def test_a_part_opens_nothing_and_the_rest_does(self, invoice: Invoice) -> None:
        pay(invoice, 10_000)
        assert invoice.state == InvoiceState.PART and not runs(self.member.customer_id)
        pay(invoice, 7_000)
        assert invoice.state == InvoiceState.PAID and runs(self.member.customer_id)

    @pytest.mark.parametrize("amount", [0, -1, 17_001, 10**15])
    def test_more_than_is_open_or_nothing_is_refused(self, invoice: Invoice, amount: int) -> None:
        with pytest.raises(ValidationFailed):
            pay(invoice, amount)
        assert not db.session.scalars(select(Payment)).all()

    def test_a_late_success_after_a_failure_counts(self, invoice: Invoice) -> None:
        with transaction():
            services.fail_invoice(invoice.id, by=None)
        assert not runs(self.member.customer_id)
        pay(invoice, 17_000)
        assert invoice.state == InvoiceState.PAID and runs(self.member.customer_id)

    def test_a_late_failure_closes_at_once_and_paying_again_opens(self, invoice: Invoice) -> None:
        pay(invoice, 17_000, key="store:1")
        assert runs(self.member.customer_id)
        for _told_twice in range(2):
            with transaction():
                payments.return_payment(invoice.id, 17_000, key="store:1:back")
        assert (invoice.state, invoice.paid) == (InvoiceState.OPEN, 0) and not runs(self.member.customer_id)
        assert asked(self.member.customer_id).status == MembershipStatus.INVOICED
        pay(invoice, 17_000, key="store:2")
        assert runs(self.member.customer_id)

    def test_a_notice_counts_once_and_another_under_its_key_is_a_conflict(self, invoice: Invoice) -> None:
        pay(invoice, 5_000, key="store:1")
        pay(invoice, 5_000, key="store:1")
        assert invoice.paid == 5_000
        with pytest.raises(Conflict):
            pay(invoice, 6_000, key="store:1")

    def test_a_success_after_refusal_opens_nothing_and_tells_staff(self, invoice: Invoice) -> None:
        set_site(notice_email="office@example.jp")
        with transaction():
            invoice.reference = "123"
        # The store was told the number before staff took the application back.
        with transaction():
            services.refuse(invoice.membership_id, by=None)
        db.session.refresh(invoice)
        assert invoice.state == InvoiceState.VOID
        pay(invoice, 17_000)
        assert invoice.state == InvoiceState.PAID and not runs(self.member.customer_id)
        assert [mail.template for mail in mails_to("office@example.jp")] == ["member_tiers.to_decide"]

    def test_another_way_to_pay_replaces_the_invoice(self, invoice: Invoice, client: Any, login: Any) -> None:
        login(client, self.member)
        assert post(client, f"{SITE}/invoices/{invoice.id}/method", method="bank") == 303
        db.session.expire_all()
        old, new = db.session.scalars(select(Invoice).order_by(Invoice.id)).all()
        assert (old.state, new.state, new.method) == ("void", "open", "bank")
        pay(old, 17_000)
        assert runs(self.member.customer_id)

    def test_a_renewal_adds_a_term_and_a_late_failure_takes_it_back(self, invoice: Invoice) -> None:
        pay(invoice, 17_000)
        before = asked(self.member.customer_id).ends_on
        with transaction():
            renewal = services.issue_invoice(
                invoice.membership_id, kind=services.InvoiceKind.RENEWAL, by=None
            )
        assert renewal.total == 12_000 and asked(self.member.customer_id).ends_on == before
        pay(renewal, 12_000)
        after = asked(self.member.customer_id).ends_on
        assert before is not None and after is not None and after > before
        assert renewal.covers_from == before + dt.timedelta(days=1)
        with transaction():
            payments.return_payment(renewal.id, 12_000, key="back")
        assert asked(self.member.customer_id).ends_on == before

    def test_reminders_come_once_before_and_once_after_the_due_date(self, invoice: Invoice) -> None:
        class Context:
            def progress(self, _done: int) -> None:
                pass

        def told() -> int:
            jobs.remind_unpaid(Context())
            jobs.remind_unpaid(Context())
            return sum("期限" in mail.subject for mail in mails_to(self.member.email))

        before = told()
        with transaction():
            invoice.due_on = site_today() + days(3)
        assert told() == before + 1
        with transaction():
            invoice.due_on, invoice.reminded_on = site_today() - days(3), site_today() - days(6)
        assert told() == before + 2
        assert invoice.is_overdue(site_today())

    def test_who_owes_something_cannot_leave_where_the_owner_wants_it_so(
        self, invoice: Invoice, client: Any, login: Any
    ) -> None:
        login(client, self.member)
        assert invoice.number not in client.get("/account/leave").text
        with transaction():
            save_plugin_settings("member_tiers", {"leaves_only_paid": True})
        assert invoice.number in client.get("/account/leave").text
        assert post(client, "/account/leave", reason="price", sure="1") == 409
        pay(invoice, 17_000)
        assert post(client, "/account/leave", reason="price", sure="1") == 200


class TestPapers:
    @pytest.fixture
    def paid(self, gold: Any) -> Invoice:
        """A paid invoice of a member called 山田 花子."""
        self.member = make_member(family_name="山田", given_name="花子")
        with transaction():
            membership = services.apply(self.member.customer_id, gold.id, method="bank")
            services.approve(membership.id, by=None)
        invoice = db.session.scalars(select(Invoice)).one()
        pay(invoice, 17_000)
        return invoice

    def test_a_receipt_names_amount_tax_issuer_and_reader(
        self, paid: Invoice, client: Any, login: Any
    ) -> None:
        with transaction():
            save_plugin_settings("member_tiers", {"issuer_name": "茶の会", "issuer_number": "T1234567890123"})
        login(client, self.member)
        page = client.get(f"{SITE}/invoices/{paid.id}/receipt").text
        for words in ("領収書", "山田 花子", "¥17,000", "¥1,545", "茶の会", "T1234567890123", paid.number):
            assert words in page

    @pytest.mark.parametrize("name", ["invoice.pdf", "receipt.pdf"])
    def test_papers_come_as_pdf(self, paid: Invoice, client: Any, login: Any, name: str) -> None:
        login(client, self.member)
        answer = client.get(f"{SITE}/invoices/{paid.id}/{name}")
        assert answer.data.startswith(b"%PDF") and answer.mimetype == "application/pdf"
        assert "no-store" in answer.headers["Cache-Control"]

    @pytest.mark.parametrize("path", ["", "/receipt", "/invoice.pdf", "/receipt.pdf"])
    def test_another_members_papers_are_not_there(
        self, paid: Invoice, client: Any, login: Any, path: str
    ) -> None:
        login(client, make_member())
        assert client.get(f"{SITE}/invoices/{paid.id}{path}").status_code == 404
        assert client.get(f"{SITE}/invoices/{paid.id + 999}{path}").status_code == 404

    def test_another_member_cannot_change_the_way_to_pay(self, gold: Any, client: Any, login: Any) -> None:
        member = make_member()
        with transaction():
            membership = services.apply(member.customer_id, gold.id, method="bank")
            services.approve(membership.id, by=None)
        login(client, make_member())
        invoice = db.session.scalars(select(Invoice)).one()
        assert post(client, f"{SITE}/invoices/{invoice.id}/method", method="konbini") == 404
        assert db.session.scalars(select(Invoice)).one().state == "open"

    def test_staff_read_what_an_invoice_is_for_in_their_language(
        self, tiers: Any, client: Any, login: Any
    ) -> None:
        with transaction():
            tiers["gold"].title_en = "Honorary"
        self.member = make_member()
        with transaction():
            services.apply(
                self.member.customer_id, open_tier(tiers["gold"], needs_approval=False).id, method="bank"
            )
        invoice = db.session.scalars(select(Invoice)).one()
        login(client, make_account("Owner"))
        for path in (f"{ADMIN}/invoices", f"{ADMIN}/invoices/{invoice.id}"):
            assert "Honorary" in client.get(f"{path}?lang=en").text
            japanese = client.get(f"{path}?lang=ja").text
            assert "ゴールド" in japanese
            assert "Honorary" not in japanese

    def test_an_unpaid_invoice_has_no_receipt(self, gold: Any, client: Any, login: Any) -> None:
        member = make_member()
        with transaction():
            membership = services.apply(member.customer_id, gold.id, method="bank")
            services.approve(membership.id, by=None)
        login(client, member)
        invoice = db.session.scalars(select(Invoice)).one()
        assert client.get(f"{SITE}/invoices/{invoice.id}/receipt").status_code == 404
        assert client.get(f"{SITE}/invoices/{invoice.id}").status_code == 200

    def test_an_erased_customers_paid_invoice_stays_without_a_name(self, paid: Invoice) -> None:
        from core.customers.erasing import erase_customer

        assert report_invoices(self.member.customer_id)[0]["total"] == 17_000
        number, customer = paid.id, Customer(self.member)
        with transaction():
            erase_customer(customer.id, by=None)
        db.session.expire_all()
        left = db.session.get(Invoice, number)
        assert left is not None and (left.customer_id, left.addressee, left.paid) == (None, "", 17_000)


class TestAdmin:
    def test_lists_show_what_waits(self, gold: Any, client: Any, login: Any, query_counter: Any) -> None:
        for _one in range(3):
            member = make_member()
            with transaction():
                membership = services.apply(member.customer_id, gold.id, method="bank")
        with transaction():
            services.approve(membership.id, by=None)
        login(client, make_account("Owner"))
        client.get(f"{ADMIN}/applications")
        with query_counter() as queries:
            page = client.get(f"{ADMIN}/applications")
        assert page.status_code == 200 and queries.count <= 10
        client.get(f"{ADMIN}/invoices")
        with query_counter() as queries:
            assert "¥17,000" in client.get(f"{ADMIN}/invoices").text
        assert queries.count <= 10

    def test_staff_without_the_right_see_none_of_it(self, gold: Any, client: Any, login: Any) -> None:
        login(client, make_staff("admin.access"))
        for path in ("applications", "applications/1", "invoices", "invoices/1", "report"):
            assert client.get(f"{ADMIN}/{path}").status_code == 403

    def test_the_way_a_tier_is_paid_for_is_saved(self, gold: Any, client: Any, login: Any) -> None:
        login(client, make_account("Owner"))
        path = f"{ADMIN}/tiers/{gold.id}/payment"
        values = {"methods": ["bank", "konbini"], "due_days": 30, "tax_rate": 0, "seats": 5}
        assert post(client, path, **values) == 303
        plan = services.plan_of(gold.id)
        assert (plan.methods, plan.due_days, plan.tax_rate, plan.seats) == (["bank", "konbini"], 30, 0, 5)
        for wrong in ({"methods": []}, {"due_days": 999}, {"tax_rate": 5}, {"seats": -1}, {"methods": ["x"]}):
            assert post(client, path, **{**values, **wrong}) == 422


class TestOtherPlugins:
    def test_hook_membership_payment(self, database_url: str, tmp_path: Any, login: Any) -> None:
        app = make_app(tmp_path, database_url, plugin_folders=(ROOT / "plugins", SAMPLE_PLUGINS))
        app.test_client_class = Client
        with opened(app):
            lifecycle.enable("sample_good")
            lifecycle.enable("member_tiers")
            with transaction():
                tier = save_tier({"key": "gold", "title_ja": "ゴールド"})
            open_tier(tier, needs_approval=False)
            member, client = make_member(), app.test_client()
            login(client, member)
            assert post(client, f"{SITE}/join/gold", method="bank") == 303
            invoice = api.owed_invoice(asked(member.customer_id).id)
            assert invoice is not None
            path = f"{SITE}/invoices/{invoice.id}"
            page = client.get(path).text
            assert "Pay by card" in page and "17000 JPY" in page
            assert f"/sample-good/pay/{invoice.membership_id}" in page
            with transaction():
                api.record_payment(invoice.id, 17_000, key="card:1")
            assert "Pay by card" not in client.get(path).text
            assert runs(member.customer_id) and api.owed_invoice(invoice.membership_id) is None


class TestTags:
    def test_plan_table_shows_price_term_and_the_next_step_to_everybody(
        self, gold: Any, tiers: Any, client: Any, new_client: Any, login: Any
    ) -> None:
        with transaction():
            page = {"slug": "join-us", "title": "入会のご案内", "body": "[plan_table]", "status": "published"}
            save_page({**page, "visibility": "public"})
        seen = new_client().get("/join-us").text
        assert "¥12,000" in seen and "1年" in seen and "ログイン・登録して申し込む" in seen
        assert "シルバー" not in seen
        member = make_member()
        login(client, member)
        assert "申し込む" in client.get("/join-us").text
        with transaction():
            services.apply(member.customer_id, gold.id, method="bank")
        assert "審査中" in client.get("/join-us").text

    def test_my_memberships_shows_ones_own_and_nothing_to_guests(
        self, gold: Any, client: Any, new_client: Any, login: Any
    ) -> None:
        with transaction():
            page = {"slug": "mine", "title": "会員", "body": "[my_memberships]", "status": "published"}
            save_page({**page, "visibility": "public"})
        member, other = make_member(), make_member()
        with transaction():
            services.apply(other.customer_id, gold.id, method="bank")
        assert "審査中" not in new_client().get("/mine").text
        login(client, member)
        assert "会員資格はまだありません" in client.get("/mine").text

    def test_my_page_leads_to_ones_own_seats_invoices_and_receipts(
        self, tiers: Any, client: Any, new_client: Any, login: Any
    ) -> None:
        gold = open_tier(tiers["gold"], seats=2, needs_approval=False)
        member, other = make_member(), make_member()
        with transaction():
            membership = services.apply(member.customer_id, gold.id, method="bank").id
        invoice = db.session.scalars(select(Invoice)).one()
        pay(invoice, invoice.total)
        login(client, member)
        stranger = new_client()
        login(stranger, other)
        today = site_today()
        own = (
            f'href="{SITE}/memberships/{membership}/seats"',
            f'href="{SITE}/invoices/{invoice.id}"',
            f'href="{SITE}/invoices/{invoice.id}/receipt"',
            f"{today.year}年{today.month}月{today.day}日",
        )
        for path in ("/account", f"{SITE}/memberships"):
            shown = client.get(path).text
            assert [part for part in own if part not in shown] == []
            assert [part for part in own[:3] if part in stranger.get(path).text] == []
        for part in own[:3]:
            assert client.get(part[6:-1]).status_code == 200


def test_what_runs_stands_above_what_begins_later_and_what_is_over(
    tiers: Any, client: Any, login: Any
) -> None:
    member, today = make_member(), site_today()
    spans = {"gold": (-400, -40), "silver": (-30, 30), "free": (31, 60)}
    with transaction() as session:
        for key, (first, last) in spans.items():
            dates = {"starts_on": today + days(first), "ends_on": today + days(last)}
            session.add(
                Membership(customer_id=member.customer_id, tier_id=tiers[key].id, status="active", **dates)
            )
    login(client, member)
    text = client.get(f"{SITE}/memberships").text
    list_of_stays = text[text.index("memberships-title") :]
    assert re.findall(r">(ゴールド|シルバー|一般)<", list_of_stays)[:3] == ["シルバー", "一般", "ゴールド"]
