"""Who sees only some customers meets the others nowhere: every page of the admin, asked in every way."""

import io
import re

import pytest
from sqlalchemy import func, inspect, select, update

from core.accounts.models import Account
from core.activity.services import add_note, record_audit
from core.bulk.models import BulkRun
from core.customers.contact_points.services import add_point
from core.customers.duplicates.finder import find_duplicates
from core.customers.merges.models import Merge
from core.customers.merging import merge_customers
from core.customers.models import CustomField
from core.customers.relations.services import relate
from core.db import db, transaction
from core.db_base import Base
from core.i18n import site_today
from core.imports import jobs as import_jobs
from core.imports import services as import_services
from core.mail.models import OutboxMail
from core.mail.services import queue_mail
from core.next_actions.services import plan_action
from core.privacy.kinds import KINDS, WAYS
from core.privacy.services import receive
from core.testing.factories import make_account, make_company, make_custom_field, make_customer
from plugins.contact_forms.models import Submission
from plugins.member_tiers import services as tiers
from plugins.member_tiers.memberships.models import Ladder
from plugins.member_tiers.models import Membership, PointEntry
from plugins.member_tiers.paying.models import Invoice
from plugins.member_tiers.points import ledger
from plugins.member_tiers.ranks.models import RankOutcome, RankPlan, RankRun
from tests.core.customers.reach.kit import make_restricted
from tests.shop_kit import OWNER, open_shop

CANARIES = (
    *("極秘山5512", "カクレヤマ", "kakure@hidden.example", "kakure2@hidden.example"),
    *("0120-771-731", "隠し社9931", "隠し趣味4410", "隠し値6621", "隠し記録8120", "隠し市3301", "旧姓山2204"),
)

# What pages below /admin may be about that is nobody's: of the owner's own making, or with rights
# of its own. A page about anything else must get a planted row in `site`.
ABOUT_OTHERS = frozenset(
    {
        *("role_id", "kind_id", "kind", "page_id", "tier_id", "content_id", "label_id", "job_id"),
        *("form_id", "canned_id", "incoming_id", "submission_id", "file_id", "token", "consent_id"),
        # What is left of whom nobody knows any more holds no name.
        *("group_id", "team_id", "certificate_id"),
        *("ladder_id", "rule_id"),
    }
)


@pytest.fixture
def site(app, new_client, login):
    """One customer of the restricted person, and one of nobody, with everything there can be."""
    shop = open_shop()
    firm = make_company("隠し社9931株式会社")
    make_custom_field("secret", title="欄")
    staff = make_restricted("own")
    said = {
        "family_name": "極秘山5512",
        "given_name": "一",
        "family_kana": "カクレヤマ",
        "given_kana": "イチ",
    }
    said |= {"email": "kakure@hidden.example", "phone": "0120-771-731", "company_name": firm.name}
    said |= {"interests": ["隠し趣味4410"], "custom_secret": "隠し値6621", "city": "隠し市3301"}
    hidden = make_customer(**said, stage="customer")
    twin = make_customer(**{**said, "email": None, "stage": "customer"})
    gone = make_customer(family_name="旧姓山2204", phone="0120-771-731")
    gone_id, firm_id, hidden_id, twin_id = gone.id, firm.id, hidden.id, twin.id
    login(boss := new_client(), OWNER)
    data = {
        "do": "action",
        "action": "edit",
        "scope": "all",
        "field": "occupation",
        "how": "set",
        "value": "隠し記録8120",
    }
    boss.post("/admin/customers/?view=all", data={**data, "confirmed": "2"})
    boss.post("/admin/customers/?view=all", data={**data, "confirmed": "7"})
    mine = make_customer(family_name="見える", assigned_account_id=str(staff.id), email="mine@example.jp")
    mine_id = mine.id
    account = make_account("Member", customer=hidden, email="kakure@hidden.example")
    owner = db.session.scalars(select(Account).where(Account.email == OWNER)).one().id
    with transaction():
        add_point(hidden_id, "email", {"value": "kakure2@hidden.example"})
        note = add_note(hidden_id, f"隠し記録8120 @{staff.email}", by=owner)
        relate(mine_id, hidden_id, {"role": "parent", "note": "隠し記録8120"}, by=owner)
        plan_action(
            hidden_id,
            {"title": "隠し記録8120", "due_on": str(site_today()), "account_id": str(staff.id)},
            by=owner,
        )
        record_audit("customer.erased", target=("customer", hidden_id), data={"name": "隠し記録8120"})
        queue_mail("core.already_registered", "kakure@hidden.example", {}, related=("customer", hidden_id))
        said = {"customer_id": hidden_id, "kind": next(iter(KINDS)), "way": next(iter(WAYS))}
        asked = receive({**said, "text": "隠し記録8120"}, by=owner)
        merge_customers(hidden_id, gone_id, by=owner)
        tiers.give_membership(
            hidden_id, shop.tiers["gold"], starts_on=site_today(), ends_on=None, note="隠し記録8120"
        )
        bill = Invoice(customer_id=hidden_id, title_ja="隠し記録8120", addressee="極秘山5512", method="bank")
        bill.issued_on = bill.due_on = site_today()
        plan = RankPlan(ladder_id=db.session.scalars(select(Ladder.id)).first())
        db.session.add_all((bill, plan))
        db.session.flush()
        day = site_today()
        ranking = RankRun(plan_id=plan.id, kind="rehearsal", closing_on=day, day=day, last_customer_id=0)
        db.session.add(ranking)
        db.session.flush()
        found = RankOutcome(run_id=ranking.id, customer_id=hidden_id, verdict="rise", reason="reached")
        db.session.add(found)
        db.session.flush()
        ledger.earn(hidden_id, 50, ledger.Movement("隠し記録8120", "gift"), expires_on=None)
    find_duplicates(lambda *_: None)
    text = "メールアドレス,姓\nkakure@hidden.example,極秘山5512\nx,極秘山5512\n"
    with transaction():
        imported = import_services.create_import(
            import_services.keep_file(io.BytesIO(text.encode())), "p.csv", by=owner
        ).id
    with transaction():
        import_services.start_check(imported, in_process=True)
    import_jobs.check(lambda *_: None, imported)
    with transaction():
        db.session.execute(update(Submission).values(customer_id=hidden_id))
    ids = {
        "customer_id": hidden_id,
        "company_id": firm_id,
        "import_id": imported,
        "merge_id": db.session.scalar(select(Merge.id)),
    }
    ids |= {"run_id": db.session.scalar(select(BulkRun.id)), "account_id": account.id, "twin": twin_id}
    ids |= {
        "membership_id": db.session.scalar(select(Membership.id).where(Membership.customer_id == hidden_id))
    }
    ids |= {
        "activity_id": note.id,
        "mine": mine_id,
        "mail_id": db.session.scalar(select(func.max(OutboxMail.id))),
    }
    ids |= {
        "field_id": db.session.scalar(select(CustomField.id)),
        "entry_id": db.session.scalar(select(func.max(PointEntry.id))),
    }
    ids |= {"invoice_id": bill.id, "outcome_id": found.id}
    ids |= {"place": "1", "name": "email", "kind": "customer", "record_id": hidden_id, "request_id": asked.id}
    return staff, ids


def addresses(app, ids):
    found = []
    for route in app.url_map.iter_rules():
        if "GET" not in route.methods or not route.rule.startswith("/admin"):
            continue
        unknown = route.arguments - ids.keys()
        assert unknown <= ABOUT_OTHERS, f"{route.endpoint}: plant a row for {unknown} in the fixture"
        if unknown:
            continue
        with app.test_request_context():
            found.append(app.url_for(route.endpoint, **{name: ids[name] for name in route.arguments}))
    hidden, mine, twin = ids["customer_id"], ids["mine"], ids["twin"]
    words = ("極秘山", "カクレヤマ", "kakure", "0120-771-731", "隠し社", "隠し趣味", "隠し", "5512", "hidden")
    for word in words:
        found += [
            f"{path}?q={word}"
            for path in ("/admin/search", "/admin/customers/", "/admin/companies/", "/admin/mail/")
        ]
        found += [f"/admin/customers/{mine}/related/new?q={word}"]
    found += [
        f"/admin/customers/{mine}",
        f"/admin/customers/{mine}/edit",
        f"/admin/customers/{mine}/merge?with={hidden}",
    ]
    found += [
        f"/admin/customers/{hidden}/merge?with={mine}",
        f"/admin/customers/{twin}",
        "/admin/customers/?format=csv",
    ]
    return found


def tail_of(answer):
    """Return a page without what is new at every request."""
    text = answer.get_data().decode("utf-8", "replace")
    text = re.sub(r'name="(q|v|filter)" value="[^"]*"', "", text)
    return re.sub(r'(csrf[^>]*(content|value)|nonce)="[^"]*"', "", text)


def test_no_page_file_or_search_holds_somebody_out_of_reach(app, site, client, login):
    staff, ids = site
    login(client, staff)
    leaks, met_somebody = {}, 0
    for address in addresses(app, ids):
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(address, headers=headers)
            assert answer.status_code < 500, address
            text = tail_of(answer)
            met_somebody += "見える" in text
            met = [canary for canary in CANARIES if canary in text and canary not in address]
            if met:
                leaks[address] = met
    assert leaks == {}
    assert met_somebody > 10


def test_an_owner_meets_them_where_they_belong(app, site, client, login):
    """Else the test above would look for what stands nowhere."""
    _staff, ids = site
    login(client, OWNER)
    met = set()
    for address in addresses(app, ids):
        text = tail_of(client.get(address))
        met |= {canary for canary in CANARIES if canary in text and canary not in address}
    assert met == set(CANARIES)


ROWS = (
    "customer_id",
    "company_id",
    "import_id",
    "run_id",
    "merge_id",
    "membership_id",
    "activity_id",
    "mail_id",
    "request_id",
)


def rows_about(customer_id):
    """Return all that any table holds of a customer."""
    found = {}
    # Sample plugins of other tests have made their classes known, but no tables here.
    there = set(inspect(db.engine).get_table_names())
    for table in Base.metadata.sorted_tables:
        if table.name not in there:
            continue
        keys = [c for c in table.columns for k in c.foreign_keys if k.column.table.name == "core_customer"]
        own = [table.c.id] if table.name == "core_customer" else []
        for column in (*keys, *own):
            found[str(column)] = db.session.execute(select(table).where(column == customer_id)).all()
    db.session.rollback()
    return found


def test_who_is_out_of_reach_is_like_nobody_and_stays_as_they_are(app, site, client, login):
    """The same answer as for a number that nobody has, but for the number itself."""
    staff, ids = site
    login(client, staff)
    nobody, before, asked = dict.fromkeys(ids, 987654), rows_about(ids["customer_id"]), 0
    for route in app.url_map.iter_rules():
        if (
            not route.rule.startswith("/admin")
            or not route.arguments & set(ROWS)
            or route.arguments - ids.keys()
        ):
            continue
        for method in sorted(route.methods & {"GET", "POST"}):
            answers = []
            for numbers in (ids, nobody):
                with app.test_request_context():
                    parts = {name: numbers[name] if name in ROWS else ids[name] for name in route.arguments}
                    address = app.url_for(route.endpoint, **parts)
                answer = client.open(
                    address, method=method, data={"confirmed": "1"} if method == "POST" else None
                )
                text = tail_of(answer)
                if answer.status_code in (302, 303):
                    text += tail_of(client.get(answer.headers["Location"]))
                for number in parts.values():
                    text = text.replace(f"/{number}", "/N")
                answers.append((answer.status_code, text))
            assert answers[0] == answers[1], (method, route.rule)
            assert answers[0][0] != 200, (method, route.rule)
            asked += 1
    assert asked > 60
    assert rows_about(ids["customer_id"]) == before
