"""Mails about memberships, points and ranks are in the language of whoever gets them, not the site's."""

import re
from typing import Any

import pytest
from memberships_kit import do
from paying_kit import mails_to, open_tier
from ranks_kit import make_plan, run
from sqlalchemy import update
from tiers_kit import Customer, days, give, join

from core.accounts.models import Account
from core.db import db, transaction
from core.i18n import site_today
from core.mail.models import OutboxMail
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_site_settings
from core.testing.factories import make_account, make_customer
from plugins.member_tiers.memberships.reminders import remind
from plugins.member_tiers.paying import services as paying
from plugins.member_tiers.paying.jobs import remind_unpaid
from plugins.member_tiers.paying.models import Invoice
from plugins.member_tiers.points import notices
from plugins.member_tiers.ranks.models import RunKind
from plugins.member_tiers.seats import services as seats

JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠]")
ADDRESS = "hanako@example.jp"


class Progress:
    def progress(self, done: int, total: int | None = None) -> None:
        self.done = done


@pytest.fixture(params=["ja", "en"])
def member(request: Any, tiers: Any) -> Any:
    """A member who reads the site in a language that is not the site's."""
    with transaction():
        save_site_settings({"language": "en" if request.param == "ja" else "ja", "name": "Tsumugi"})
    use_current_snapshot()
    customer = make_customer(family_name="Yamada", given_name="Hanako", email=ADDRESS)
    made = make_account("Member", customer=customer, email=ADDRESS)
    with transaction():
        db.session.execute(update(Account).where(Account.id == made.id).values(language=request.param))
    db.session.expire_all()
    return made


def only_mail(member: Any, template: str, to: str = ADDRESS) -> OutboxMail:
    """Return the one mail of a kind, after looking at its language."""
    (found,) = (mail for mail in mails_to(to) if mail.template == template)
    language = db.session.get_one(Account, member.id).language
    assert found.language == language
    for words in (found.subject, found.text, found.html):
        assert bool(JAPANESE.search(words)) is (language == "ja"), words
    return found


def test_the_reminder_before_a_term_ends(member: Any, tiers: Any) -> None:
    join(Customer(member), tiers["gold"], until=7)
    remind(Progress())
    mail = only_mail(member, "member_tiers.term_ends")
    assert ("ゴールド" if mail.language == "ja" else "Gold") in mail.text


def test_the_notice_of_points_that_expire(member: Any) -> None:
    give(Customer(member), 1250, until=7)
    notices.tell_of_expiry(Progress())
    mail = only_mail(member, "member_tiers.points_expire")
    assert ("1,250 ポイント" if mail.language == "ja" else "1,250 points") in mail.text


def test_the_notice_before_a_rank_falls(member: Any, tiers: Any) -> None:
    plan = make_plan(tiers, who="members", notice_days=14)
    do("give_membership", member.customer_id, tiers["gold"].id, source="rank")
    run(plan, RunKind.NOTICE, closing=site_today(), day=site_today() + days(1))
    only_mail(member, "member_tiers.rank_falls")


def test_the_reminder_of_an_unpaid_invoice_and_what_came_before(member: Any, tiers: Any) -> None:
    tier = open_tier(tiers["gold"], needs_approval=False)
    with transaction():
        paying.apply(member.customer_id, tier.id, method="bank")
    invoice = db.session.query(Invoice).one()
    with transaction():
        invoice.due_on = site_today() + days(1)
        db.session.add(invoice)
    remind_unpaid(Progress())
    language = db.session.get_one(Account, member.id).language
    found = mails_to(ADDRESS)
    assert len(found) >= 2
    for mail in found:
        assert mail.language == language
        assert bool(JAPANESE.search(mail.subject)) is (language == "ja")


def test_an_offer_of_a_seat_is_in_the_guests_language_else_in_the_owners(member: Any, tiers: Any) -> None:
    open_tier(tiers["gold"], seats=2)
    held = join(Customer(member), tiers["gold"], until=30)
    other = "en" if db.session.get_one(Account, member.id).language == "ja" else "ja"
    guest = make_account("Member", customer=make_customer(), email="guest@example.jp")
    with transaction():
        db.session.execute(update(Account).where(Account.id == guest.id).values(language=other))
    with transaction():
        seats.invite(held.id, "new@example.jp", owner_id=member.customer_id)
        seats.invite(held.id, "guest@example.jp", owner_id=member.customer_id)
    only_mail(member, "member_tiers.seat", "new@example.jp")
    (mail,) = mails_to("guest@example.jp")
    assert mail.language == other
    assert bool(JAPANESE.search(mail.subject)) is (other == "ja")


def test_somebody_without_an_account_gets_it_in_the_sites_language(tiers: Any) -> None:
    with transaction():
        save_site_settings({"language": "en"})
    use_current_snapshot()
    customer = make_customer(email=ADDRESS)
    join(customer, tiers["gold"], until=7)
    remind(Progress())
    assert [mail.language for mail in mails_to(ADDRESS)] == ["en"]
