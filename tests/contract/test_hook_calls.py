"""One test for each hook: `test_hook_<name>` shows when it is called and what comes of it."""

import csv
import datetime as dt
import io

import pytest
from click.testing import CliRunner
from flask import g
from sqlalchemy import delete, select, update

from core import hookspecs
from core.activity.models import Activity, AuditEntry
from core.activity.services import add_note, record_activity, record_audit
from core.cli import main
from core.content.queries import find_page
from core.customers.merges.models import Merge
from core.customers.merges.undoing import undo_merge
from core.customers.models import Customer
from core.customers.report_files import files_of_customer, named_contents
from core.customers.services import customer_report, erase_customer, merge_customers, update_customer
from core.db import db, transaction, utcnow
from core.leaks.garden import Garden
from core.plugin_host import lifecycle
from core.plugin_host.guards import call_own_life, collect
from core.plugin_host.queries import consequences
from core.plugin_host.snapshot import current_snapshot, use_current_snapshot
from core.security.sessions import SignedInAccount
from core.testing.exports import take_out
from core.testing.factories import make_account, make_customer, make_staff

TESTS = globals()


def notes(customer_id=None):
    table = db.metadata.tables["sample_good_note"]
    query = select(table.c.text).where(table.c.customer_id == customer_id).order_by(table.c.id)
    return list(db.session.execute(query).scalars())


def test_every_hook_has_a_test_of_its_own():
    assert [name for name in hookspecs.KINDS if f"test_hook_{name}" not in TESTS] == []


def test_hook_register_blueprints(sample):
    assert sample.test_client().get("/sample-good/hello/").get_data(as_text=True) == "hello from the sample"


def test_hook_register_commands(sample, monkeypatch):
    monkeypatch.setattr("core.cli.command_app", lambda: sample)
    done = CliRunner().invoke(main, ["sample_good", "count-notes"])
    assert done.output == "notes: 1\n", done.output


def test_hook_register_permissions(sample):
    assert current_snapshot().owners["register_permissions", "sample_good.see"] == "sample_good"


def test_hook_register_settings(sample, login):
    from core.settings.queries import plugin_settings

    assert plugin_settings("sample_good")["greeting"] == "hello"
    client = sample.test_client()
    login(client, make_account("Owner"))
    page = client.get("/admin/plugins/sample_good/settings")
    assert 'value="hello"' in page.get_data(as_text=True)
    client.post("/admin/plugins/sample_good/settings", data={"greeting": "やあ"})
    assert plugin_settings("sample_good")["greeting"] == "やあ"


def test_hook_register_menu_items(sample, login):
    client = sample.test_client()
    login(client, make_account("Owner"))
    assert "/admin/sample-good/notes" in client.get("/admin/").get_data(as_text=True)


def test_hook_register_template_tags(sample):
    from core.theming.tag_calls import tag

    assert "sample_mark" in current_snapshot().tags
    with sample.test_request_context("/"):
        assert str(tag("sample_mark", caller=lambda: "x")) == "<mark>x</mark>"


def test_hook_register_customer_fields(sample, login):
    from core.customers.registry import customer_fields

    assert "sample_notes" in customer_fields()
    make_customer()
    client = sample.test_client()
    login(client, make_account("Owner"))
    answer = take_out(client, "/admin/customers/?col=name&col=sample_notes")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert rows[1][-1] == "1"


def test_hook_register_exports(sample):
    from core.exports.csv_writer import stream_export

    export = current_snapshot().exports["sample_notes"]
    text = b"".join(stream_export(export, ["text"])).decode("utf-8-sig")
    assert "enabled" in text


def test_hook_register_jobs(sample):
    from core.jobs.models import JobRow
    from core.jobs.runner import run_due_jobs
    from core.jobs.services import enqueue

    with transaction():
        job_id = enqueue("sample_good.count")
    run_due_jobs()
    assert db.session.get(JobRow, job_id).state == "done"


def test_hook_register_mail_templates(sample):
    from core.mail.models import OutboxMail
    from core.mail.services import queue_mail

    with transaction():
        mail_id = queue_mail("sample_good.hello", "taro@example.jp", {"name": "太郎"})
    assert "太郎" in db.session.get(OutboxMail, mail_id).text


def test_hook_register_page_options(sample, login):
    client = sample.test_client()
    login(client, make_account("Owner"))
    shown = client.get("/admin/pages/new").get_data(as_text=True)
    assert 'name="option-sample_good-seats"' in shown
    assert "How many may sit." in shown


def test_hook_register_audit_actions(sample, login):
    client = sample.test_client()
    login(client, make_account("Owner"))
    with transaction():
        record_audit("sample_good.tried", data={"count": 3})
    assert "Tried the sample" in client.get("/admin/audit").get_data(as_text=True)


def test_hook_register_content_kinds(sample):
    from core.content.queries import content_ref, content_url, list_restricted_content
    from core.content.services import update_content_options, update_content_rule
    from core.errors import NotFound

    song = content_ref("song", 7)
    assert content_url(song) == "/sample-good/seven"
    assert content_ref("song", 8) is None
    assert song in list_restricted_content()
    with transaction():
        update_content_rule(song, {"field": "stage", "op": "eq", "value": "customer"})
        update_content_options(song, "member_tiers", {"unlock_price": 5})
    assert notes()[-2:] == ["song 7: ['rule']", "song 7: ['options']"]
    with transaction():
        lifecycle.disable("sample_good")
    use_current_snapshot()
    assert content_ref("song", 7) is None
    with pytest.raises(NotFound), transaction():
        update_content_rule(song, None)


def test_hook_register_import_kinds(sample):
    from core.imports import jobs, services
    from core.imports.queries import get_import

    def bring(text):
        with transaction():
            kept = services.keep_file(io.BytesIO(text.encode()))
            number = services.create_import(kept, "notes.csv", by=None, into="sample_good.notes").id
            services.start_check(number, in_process=True)
        jobs.check(lambda *_: None, number)
        return number

    first = bring("memo\nenabled\nneu\nneu\nLAUT\n")
    report = get_import(first).report
    assert [report[name] for name in ("created", "changed", "equal", "refused")] == [1, 0, 2, 1]
    assert notes() == ["enabled"]
    with transaction():
        services.start_run(first, by=None, in_process=True)
    jobs.run(lambda *_: None, first)
    assert notes() == ["enabled", "neu"]
    with transaction():
        services.start_undo(first, by=None)
    jobs.undo(lambda *_: None, first)
    assert notes() == ["enabled"]


def test_hook_dashboard_cards(sample, login):
    client = sample.test_client()
    login(client, make_account("Owner"))
    assert "a card for staff" in client.get("/admin/").get_data(as_text=True)


def test_hook_staff_notices(sample, login):
    client = sample.test_client()
    login(client, make_account("Owner"))
    assert "the sample counts 2" in client.get("/admin/customers/").get_data(as_text=True)


def test_hook_customer_panels(sample, login):
    customer = make_customer()
    client = sample.test_client()
    login(client, make_account("Owner"))
    page = client.get(f"/admin/customers/{customer.id}").get_data(as_text=True)
    assert f"a panel for {customer.id}" in page


def test_hook_render_slot(sample):
    assert "a footer line" in sample.test_client().get("/login").get_data(as_text=True)


def test_hook_before_erasing(sample, login):
    customer, client = make_customer(), sample.test_client()
    login(client, make_account("Owner"))
    page = client.get(f"/admin/customers/{customer.id}/erase").get_data(as_text=True)
    assert f"The sample holds {customer.id}." in page


def test_hook_before_withdrawal(sample, login):
    account, client = make_account("Member"), sample.test_client()
    login(client, account)
    page = client.get("/account/leave").get_data(as_text=True)
    assert f"The notes of {account.customer_id}." in page


def test_hook_refuse_withdrawal(sample, login):
    account, client = make_account("Member"), sample.test_client()
    login(client, account)
    with transaction():
        table = db.metadata.tables["sample_good_note"]
        db.session.execute(table.insert().values(customer_id=account.customer_id, text="owed"))
    assert "A note is owed." in client.get("/account/leave").get_data(as_text=True)
    refused = client.post("/account/leave", data={"reason": "price", "sure": "1"})
    assert refused.status_code == 409
    db.session.refresh(account)
    assert account.state == "active"


def test_hook_disable_consequences(sample):
    assert "1 notes stay where they are." in consequences("sample_good")


def test_hook_limit_devices(sample, login):
    account, first, second = make_account("Member"), sample.test_client(), sample.test_client()
    login(first, account)
    login(second, account)
    assert first.get("/account").status_code == 302
    assert second.get("/account").status_code == 200


def test_hook_visible_activities(sample, login):
    customer, client = make_customer(), sample.test_client()
    with transaction():
        record_activity(customer.id, "sample_good.line", "a line for owners")
        record_activity(customer.id, "sample_good.line", "a line for all")
    for who, sees in ((make_account("Owner"), True), (make_staff("customers.see"), False)):
        login(client, who)
        for path in (f"/admin/customers/{customer.id}", "/admin/"):
            page = client.get(path).get_data(as_text=True)
            assert ("a line for owners" in page) is sees
            assert "a line for all" in page


def test_hook_content_preparing(sample):
    from core.content.finding.searching import find_pages
    from core.content.services import save_page

    values = {"title": "たくさんのお茶", "body": "x", "status": "published", "visibility": "restricted"}
    with transaction():
        for number in range(3):
            save_page({**values, "slug": f"tea-{number}"})
    member = SignedInAccount(1, "a@example.jp", "A", "member", make_customer().id, "ja", frozenset())
    with sample.test_request_context("/"):
        assert len(find_pages("お茶", member)) == 3
        assert g.sample_prepared == (member.customer_id, ["tea-0", "tea-1", "tea-2"])


def test_hook_content_reading(sample, login):
    from core.content.services import save_page

    values = {"slug": "sample-metered", "title": "t", "body": "一度だけの本文", "status": "published"}
    with transaction():
        save_page({**values, "visibility": "restricted"})
    client = sample.test_client()
    page = client.get("/sample-metered")
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "private, no-store")
    assert "一度だけの本文" in page.text
    assert "one more page" in page.text
    assert client.head("/sample-metered").status_code == 403


def test_hook_made_up_member(sample, login):
    from plugins.sample_good.models import Note

    from core.security.made_up import forget_made_up, make_up

    staff = SignedInAccount(1, "a@example.jp", "A", "staff", None, "ja", frozenset())
    with sample.test_request_context("/"):
        made = make_up({"note": "wished for"}, staff)
        notes = select(Note.id).where(Note.text == "wished for", Note.customer_id == made.customer_id)
        assert db.session.scalar(notes) is not None
        assert (made.viewed_by, made.permissions) == (1, frozenset())
        forget_made_up()
        assert db.session.scalar(notes) is None
        assert db.session.get(Customer, made.customer_id) is None


def test_hook_access_rules(sample, login):
    client = sample.test_client()
    login(client, make_staff("content.edit"))
    assert "見本の条件" in client.get("/admin/pages/new").text


def test_hook_content_access(sample, login):
    from core.content.services import save_page

    with transaction():
        save_page(
            {
                "slug": "sample-open",
                "title": "開く",
                "body": "秘密の本文",
                "status": "published",
                "visibility": "restricted",
            }
        )
    client = sample.test_client()
    assert "秘密の本文" not in client.get("/sample-open").get_data(as_text=True)
    login(client, make_account("Member"))
    assert "秘密の本文" in client.get("/sample-open").get_data(as_text=True)


def test_hook_customer_created(sample):
    assert notes(make_customer().id) == ["created"]


def test_hook_customer_updated(sample):
    customer = make_customer()
    with transaction():
        update_customer(customer.id, {"family_name": "佐藤"})
    assert notes(customer.id) == ["created", "updated family_name"]


def test_an_event_of_what_is_rolled_back_is_not_told(sample):
    customer = make_customer()
    with pytest.raises(RuntimeError), transaction():
        update_customer(customer.id, {"family_name": "佐藤"})
        raise RuntimeError
    assert notes(customer.id) == ["created"]


def test_hook_customer_merging(sample):
    kept, merged = make_customer(), make_customer()
    with transaction():
        merge_customers(kept.id, merged.id, by=None)
    assert notes(kept.id)[:2] == ["created", "created"]


def test_hook_customer_merged(sample):
    kept, merged = make_customer(), make_customer()
    merged_id = merged.id
    with transaction():
        merge_customers(kept.id, merged_id, by=None)
    assert f"merged {merged_id}" in notes(kept.id)


def merge_id():
    return db.session.execute(select(Merge.id)).scalar_one()


def test_hook_customer_unmerging(sample):
    kept, merged = make_customer().id, make_customer().id
    with transaction():
        merge_customers(kept, merged)
    with transaction():
        undone = undo_merge(merge_id())
    assert undone.sentences == ["a line from the sample"]
    assert "created" in notes(merged)
    assert notes(kept)[0] == "created"


def test_hook_customer_unmerged(sample):
    kept, merged = make_customer().id, make_customer().id
    with transaction():
        merge_customers(kept, merged)
    with transaction():
        undo_merge(merge_id())
    assert f"unmerged {merged}" in notes(kept)


def test_hook_customer_erasing(sample):
    customer = make_customer()
    customer_id = customer.id
    with transaction():
        erase_customer(customer_id, by=None)
    assert "created" not in notes(customer_id) + notes(None)


def test_hook_customer_data(sample):
    customer = make_customer()
    assert "created" in str(customer_report(customer.id))


def test_hook_customer_files(sample):
    customer = make_customer()
    files = files_of_customer(customer.id, for_member=True)
    ((name, pieces),) = named_contents(files)
    assert name == "files/001-note.txt"
    assert b"".join(pieces) == f"{customer.id} True".encode()


def test_hook_erasing_summary(sample, login):
    customer, client = make_customer(), sample.test_client()
    login(client, make_account("Owner"))
    page = client.get(f"/admin/customers/{customer.id}/erase").get_data(as_text=True)
    assert "Sample notes" in page
    assert "Sample reason" in page


def test_hook_retained_customers(sample):
    from core.privacy.retention.queries import preview

    for name in ("Sample-kept", "Sample-gone"):
        customer = make_customer(family_name=name, stage="lead")
        with transaction():
            db.session.execute(delete(Activity).where(Activity.customer_id == customer.id))
            old = utcnow() - dt.timedelta(days=900)
            db.session.execute(update(Customer).where(Customer.id == customer.id).values(updated_at=old))
    assert [one.family_name for one in preview(12).first] == ["Sample-gone"]


def test_hook_member_registered(sample):
    account = make_account("Member")
    assert f"registered {account.id}" in notes(account.customer_id)


def test_hook_member_logged_in(sample, login):
    account = make_account("Member")
    login(sample.test_client(), account)
    assert f"logged in {account.id}" in notes(account.customer_id)


def test_hook_member_withdrawn(sample):
    from core.accounts.withdrawal import withdraw
    from core.settings.services import save_site_settings

    account = make_account("Member")
    customer_id = account.customer_id
    with transaction():
        save_site_settings({"withdrawal_return_days": 0})
    use_current_snapshot()
    with transaction():
        withdraw(account.id, "unsaid")
    assert "left for good" in notes(customer_id)


def test_hook_activity_recorded(sample):
    customer = make_customer()
    with transaction():
        add_note(customer.id, "来店されました")
    assert "activity note" in notes(customer.id)


def test_hook_plugin_enabled(sample):
    assert notes(None) == ["enabled"]


def test_hook_plugin_disabled(sample):
    lifecycle.disable("sample_good")
    assert notes(None) == ["enabled", "disabled"]


def test_hook_plugin_uninstalling(sample):
    lifecycle.disable("sample_good")
    lifecycle.uninstall("sample_good", confirm="sample_good")
    actions = select(AuditEntry.action).where(AuditEntry.action == "sample_good.uninstalling")
    assert db.session.execute(actions).first()


def test_hook_fill_demo(sample):
    with transaction():
        implementations = current_snapshot().implementations("fill_demo")
        own = [i for i in implementations if i.plugin_name == "sample_good"]
        call_own_life(own, "sample_good", people=[], named={}, seed=7)
    assert "demo 7" in notes(None)


def test_hook_plant_canaries(sample):
    garden = Garden()
    with transaction():
        implementations = current_snapshot().implementations("plant_canaries")
        own = [i for i in implementations if i.plugin_name == "sample_good"]
        call_own_life(own, "sample_good", garden=garden)
    (canary,) = garden.canaries
    assert canary.open_to == {"sample"}
    assert find_page(canary.slug).visibility == "members"


def test_answers_come_core_first_and_then_in_dependency_order(sample):
    lifecycle.enable("sample_needs_good")
    order = [i.plugin_name for i in current_snapshot().implementations("plugin_enabled")]
    assert order.index("sample_good") < order.index("sample_needs_good")
    assert collect("render_slot", slot="head", context={}) == []
