"""Makes the instance that KAIIN_INSTANCE names: `python -m benchmarks.data small|large|messages`.

`small` is the demo with 1,000 customers. `large` is a copy of it with 100,000, multiplied in the
database, because what is measured is reading them. `messages 1000` adds messages to a copy.
"""

import sys
from typing import Any

from sqlalchemy import insert, literal, select, text, update

from benchmarks.log_in_cases import PARALLEL
from benchmarks.messages import fill_inbox
from core.app import create_app
from core.customers.models import Customer
from core.db import db, transaction
from core.i18n import site_today
from core.search.models import SearchText

SMALL, LARGE = 1_000, 100_000
_UNIQUE = ("email", "email_key")


def main() -> None:
    app = create_app()
    with app.app_context():
        match sys.argv[1:]:
            case ["small"]:
                make_small()
            case ["large"]:
                make_large()
            case ["messages", rows]:
                fill_inbox(int(rows))


def make_small() -> None:
    from core.demo.fill import fill_demo
    from core.plugin_host.lifecycle import upgrade_all
    from core.settings.services import save_plugin_settings, save_site_settings
    from plugins.contact_forms.models import Form, new_revision

    upgrade_all()
    fill_demo(SMALL)
    with transaction():
        # All comes from one address and as fast as it can; and as with the peer, no mail is written.
        limits = {"network_limit": 0, "address_limit": 0, "min_seconds": 0}
        save_plugin_settings("contact_forms", limits)
        save_site_settings({"notice_email": ""})
        db.session.execute(update(Form).values(notice_to=[], auto_reply=False, revision=new_revision()))
        _make_members()
        _write_page_of_parts()


def _write_page_of_parts() -> None:
    """Write a page of ten gated parts, and give its reader two memberships more."""
    from core.accounts.models import Account
    from core.content.services import save_page
    from plugins.member_tiers.models import Tier
    from plugins.member_tiers.rules.services import save_rule
    from plugins.member_tiers.services import give_membership

    tokyo = {"field": "prefecture", "op": "eq", "value": "13"}
    save_rule({"key": "bench-tokyo", "title": "東京の会員", "condition": tokyo})
    save_rule({"key": "bench-days", "title": "30日から", "drip_days": 1})
    opening = (
        *('members_only tier="gold"', 'members_only tier="silver"', "members_only"),
        *('member_if field="points" op="gte" value="100"', 'member_if field="prefecture" op="eq" value="13"'),
        *('member_if field="tier" op="ne" value="silver"', 'member_if field="points" op="lt" value="90000"'),
        *('member_rule name="bench-tokyo"', 'member_rule name="bench-days"', "members_only"),
    )
    parts = [
        f"[{tag}]\n部分{number}。{'文章が続きます。' * 20}\n[/{tag.split()[0]}]"
        for number, tag in enumerate(opening)
    ]
    rule = {"field": "tier_or_higher", "op": "eq", "value": "free"}
    values = {
        "slug": "bench-parts",
        "title": "部分のページ",
        "body": "\n\n".join(parts),
        "status": "published",
    }
    save_page({**values, "visibility": "restricted", "rule": rule})
    account = db.session.execute(select(Account).where(Account.email_key == "gold@demo.example")).scalar_one()
    for key in ("free", "silver"):
        tier_id = db.session.scalar(select(Tier.id).where(Tier.key == key))
        give_membership(account.customer_id, tier_id, starts_on=site_today())


def _make_members() -> None:
    """Make the accounts that log in at the same time; one hash serves them all."""
    from core.accounts.models import Account

    shown = db.session.execute(select(Account).where(Account.email_key == "gold@demo.example")).scalar_one()
    owned = select(Account.id).where(Account.customer_id == Customer.id).exists()
    free = select(Customer.id).where(~owned).order_by(Customer.id).limit(PARALLEL)
    customers = db.session.execute(free).scalars()
    db.session.add_all(
        Account(
            email=f"member{number}@bench.example",
            email_key=f"member{number}@bench.example",
            password_hash=shown.password_hash,
            role_id=shown.role_id,
            customer_id=customer_id,
        )
        for number, customer_id in enumerate(customers)
    )


def make_large() -> None:
    with transaction() as session:
        have = session.scalar(text("SELECT count(*) FROM core_customer"))
        copies = _numbers(LARGE // have)
        customers = Customer.__table__
        columns = [c for c in customers.columns if c.key != "id"]
        values: list[Any] = [
            copies.c.n.concat(literal(".")).concat(c) if c.key in _UNIQUE else c for c in columns
        ]
        session.execute(insert(Customer).from_select(columns, select(*values).join(copies, literal(True))))
        session.execute(
            insert(SearchText).from_select(
                ["kind", "object_id", "folded"],
                select(
                    literal("customer"), Customer.id, Customer.kana_key + literal(" ") + Customer.email_key
                )
                .where(Customer.email_key.is_not(None))
                .where(~select(SearchText.id).where(SearchText.object_id == Customer.id).exists()),
            )
        )
    with db.engine.connect() as connection:
        connection.execute(text("ANALYZE"))


def _numbers(count: int) -> Any:
    first = select(literal(1).label("n")).cte("copies", recursive=True)
    return first.union_all(select(first.c.n + 1).where(first.c.n < count))


if __name__ == "__main__":
    main()
