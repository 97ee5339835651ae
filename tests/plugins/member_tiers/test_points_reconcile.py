"""Each night everything is added up; what does not agree is frozen until staff have looked."""

from typing import Any

import pytest
from sqlalchemy import select, text, update
from tiers_kit import SECRET, days, give, make_member, make_page

from core.activity.models import AuditEntry
from core.customers.merging import merge_customers
from core.db import db, transaction
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import site_today
from core.mail.models import OutboxMail
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_site_settings
from core.testing.factories import make_customer, make_staff
from plugins.member_tiers.models import PointAccount, PointLot
from plugins.member_tiers.points import jobs, ledger, reconcile
from plugins.member_tiers.points.commands import points
from plugins.member_tiers.points.ledger import AccountFrozen, Movement

pytestmark = pytest.mark.usefixtures("tiers_on")
FROZEN = "/admin/member-tiers/points/frozen"


class Progress:
    def progress(self, done: int, total: int | None = None) -> None:
        """Take the count."""


def frozen() -> list[int]:
    db.session.rollback()
    return list(
        db.session.scalars(select(PointAccount.customer_id).where(PointAccount.frozen_at.is_not(None)))
    )


def spoil(customer: Any, what: str) -> None:
    with transaction() as session:
        if what == "balance":
            session.execute(
                update(PointAccount).where(PointAccount.customer_id == customer.id).values(balance=99)
            )
        elif what == "lot":
            session.execute(update(PointLot).where(PointLot.customer_id == customer.id).values(remaining=3))
        elif what == "both":
            session.execute(update(PointLot).where(PointLot.customer_id == customer.id).values(remaining=3))
            session.execute(
                update(PointAccount).where(PointAccount.customer_id == customer.id).values(balance=3)
            )
        else:
            session.execute(text("UPDATE member_tiers_point_chain SET count = count + 1"))


@pytest.mark.parametrize("what", ["balance", "lot", "both", "chain"])
def test_what_does_not_agree_is_frozen_once_and_told(what: str) -> None:
    with transaction():
        save_site_settings({"notice_email": "staff@example.jp"}, by=None)
    use_current_snapshot()
    sound, customer = make_customer(), make_customer()
    give(customer, 10)
    spoil(customer, what)
    if what != "chain":
        give(sound, 10)
    assert jobs.check_accounts(Progress()) == 1
    assert jobs.check_accounts(Progress()) == 0
    assert frozen() == [customer.id]
    with pytest.raises(AccountFrozen), transaction():
        ledger.spend(customer.id, 1, Movement("s", "x"))
    give(customer, 5)
    mails = db.session.scalars(select(OutboxMail.template)).all()
    assert mails == [reconcile.FROZEN_MAIL]
    told = db.session.scalars(
        select(AuditEntry.target_id).where(AuditEntry.action == "member_tiers.points_frozen")
    )
    assert [str(one) for one in told] == [str(customer.id)]


def test_a_sound_ledger_freezes_nobody() -> None:
    customer = make_customer()
    give(customer, 10, until=0)
    give(customer, 10)
    with transaction():
        spent = ledger.spend(customer.id, 15, Movement("s", "x"))
    with transaction():
        ledger.reverse(spent, Movement("r", "given_back"), expires_on=None)
    with transaction():
        ledger.expire_due(customer.id, site_today() + days(1))
    assert jobs.check_accounts(Progress()) == 0
    assert reconcile.sums_of(customer.id).agree


def test_frozen_points_neither_expire_nor_open_pages(client: Any, login: Any) -> None:
    member = make_member()
    page = make_page("sale", price=5)
    give(make_customer(), 1)

    class Own:
        id = member.customer_id

    give(Own, 10)
    spoil(Own, "lot")
    jobs.check_accounts(Progress())
    login(client, member)
    answer = client.post(
        "/member-tiers/unlock", data={"content": f"page:{page.id}", "price": "5", "confirm": "1"}
    )
    assert answer.status_code == 409
    assert SECRET not in client.get("/sale").text
    assert client.get("/member-tiers/points").status_code == 200
    with transaction():
        assert ledger.expire_due(Own.id, site_today() + days(900)) == 0


def test_a_merge_keeps_points_frozen() -> None:
    kept, merged = make_customer(), make_customer()
    give(merged, 10)
    spoil(merged, "lot")
    jobs.check_accounts(Progress())
    with transaction():
        merge_customers(kept.id, merged.id, by=None)
    assert frozen() == [kept.id]


class TestRelease:
    def test_rebuilding_makes_everything_agree(self) -> None:
        customer = make_customer()
        give(customer, 10)
        spoil(customer, "both")
        jobs.check_accounts(Progress())
        with transaction():
            reconcile.release(customer.id, note="restored", rebuild=True)
        assert frozen() == []
        assert reconcile.sums_of(customer.id).agree
        assert jobs.check_accounts(Progress()) == 0

    def test_what_cannot_be_rebuilt_is_released_as_it_is_and_frozen_again(self) -> None:
        customer = make_customer()
        give(customer, 10)
        spoil(customer, "chain")
        jobs.check_accounts(Progress())
        with pytest.raises(Conflict), transaction():
            reconcile.release(customer.id, note="x", rebuild=True)
        with transaction():
            reconcile.release(customer.id, note="looked at it")
        assert frozen() == []
        assert jobs.check_accounts(Progress()) == 1

    def test_a_release_needs_a_note_and_something_frozen(self) -> None:
        customer = make_customer()
        give(customer, 10)
        with pytest.raises(ValidationFailed), transaction():
            reconcile.release(customer.id, note=" ")
        with pytest.raises(NotFound), transaction():
            reconcile.release(customer.id, note="x")

    def test_the_screens_show_and_release(self, client: Any, login: Any) -> None:
        customer = make_customer(family_name="凍結")
        give(customer, 10)
        spoil(customer, "lot")
        jobs.check_accounts(Progress())
        login(client, make_staff("member_tiers.points.see"))
        assert "凍結" in client.get(FROZEN).text
        assert client.get(f"{FROZEN}/{customer.id}").status_code == 200
        client.post(f"{FROZEN}/{customer.id}", data={"note": "x", "how": "as_is"})
        assert frozen() == [customer.id]
        client.post("/logout")
        login(client, make_staff("member_tiers.points.see", "member_tiers.points.edit"))
        assert client.post(f"{FROZEN}/{customer.id}", data={"note": "", "how": "rebuild"}).status_code == 422
        done = client.post(f"{FROZEN}/{customer.id}", data={"note": "ok", "how": "rebuild"})
        assert done.status_code == 303
        assert frozen() == []
        assert client.get(f"{FROZEN}/{customer.id}").status_code == 404


def test_the_command_tells_and_its_exit_status_too(app: Any) -> None:
    customer = make_customer()
    give(customer, 10)
    runner = app.test_cli_runner()
    result = runner.invoke(points, ["verify"])
    assert (result.exit_code, "1 entries in 1 chains" in result.output) == (0, True)
    spoil(customer, "lot")
    result = runner.invoke(points, ["verify"])
    assert result.exit_code == 1 and f"customer {customer.id}" in result.output
    spoil(customer, "chain")
    assert "entries were written" in runner.invoke(points, ["verify"]).output
    assert frozen() == []
