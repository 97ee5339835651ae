import io

import click
from flask import Blueprint, g
from markupsafe import Markup
from plugins.sample_good.models import Note
from sqlalchemy import delete, func, literal, select
from wtforms import StringField

from core.api import (
    Access,
    Activity,
    AuditAction,
    BaseForm,
    Card,
    Choice,
    ContentKind,
    ContentRef,
    Customer,
    CustomerField,
    CustomerFile,
    ErasingLine,
    Export,
    Field,
    FieldType,
    ImportColumn,
    ImportKind,
    ImportMatch,
    ImportRecord,
    Job,
    MailTemplate,
    MenuItem,
    PageOption,
    Panel,
    Permission,
    SettingsPage,
    StaffNotice,
    TemplateTag,
    Visibility,
    db,
    hookimpl,
    move_rows,
    permission_required,
    public,
    record_audit,
    return_rows,
)

site = Blueprint("sample_good", __name__)
admin = Blueprint("sample_good_admin", __name__)


@site.get("/hello/")
@public
def hello():
    return "hello from the sample"


@site.post("/hello/")
@public
def hello_post():
    return "posted"


@admin.get("/notes")
@permission_required("sample_good.see")
def notes():
    return "notes"


@hookimpl
def register_blueprints():
    return [site, admin]


@hookimpl
def register_permissions():
    return [Permission("sample_good.see", "See notes")]


@hookimpl
def register_menu_items():
    return [MenuItem("content", "Sample notes", "sample_good_admin.notes", "sample_good.see")]


def render(context, body):
    return Markup("<mark>{}</mark>").format(body())


@hookimpl
def register_template_tags():
    return [TemplateTag("sample_mark", render, "Marks.", "[sample_mark]x[/sample_mark]", encloses=True)]


def notes_of():
    return (
        select(func.count(Note.id))
        .where(Note.customer_id == Customer.id)
        .correlate(Customer)
        .scalar_subquery()
    )


@hookimpl
def register_customer_fields():
    return [CustomerField("sample_notes", "Notes", FieldType.INTEGER, notes_of)]


def run(context):
    pass


@hookimpl
def register_jobs():
    return [Job("sample_good.count", run, "Count notes")]


@hookimpl
def customer_merging(kept_id, merged_id):
    return {"notes": move_rows(Note.customer_id, merged_id, kept_id)}


@hookimpl
def customer_unmerging(kept_id, merged_id, note):
    return_rows(Note.customer_id, note["notes"], kept_id, merged_id)
    return ["a line from the sample"]


@hookimpl
def customer_erasing(customer_id):
    db.session.execute(delete(Note).where(Note.customer_id == customer_id))


@hookimpl
def customer_data(customer_id):
    query = select(Note.text).where(Note.customer_id == customer_id)
    return {"notes": list(db.session.execute(query).scalars())}


@hookimpl
def customer_files(customer_id, for_member):
    return [CustomerFile("../note.txt", lambda: io.BytesIO(f"{customer_id} {for_member}".encode()))]


@hookimpl
def erasing_summary(customer_id):
    return [ErasingLine("Sample notes", 3, 1, "Sample reason")]


@hookimpl
def retained_customers():
    return Customer.family_name == "Sample-kept"


def note(customer_id, text):
    db.session.add(Note(customer_id=customer_id, text=text))


@hookimpl
def customer_created(customer_id):
    note(customer_id, "created")


@hookimpl
def customer_updated(customer_id, changes):
    note(customer_id, f"updated {','.join(sorted(changes))}")


@hookimpl
def customer_merged(kept_id, merged_id):
    note(kept_id, f"merged {merged_id}")


@hookimpl
def member_registered(customer_id, account_id):
    note(customer_id, f"registered {account_id}")


@hookimpl
def member_logged_in(customer_id, account_id):
    note(customer_id, f"logged in {account_id}")


@hookimpl
def customer_unmerged(kept_id, merged_id):
    note(kept_id, f"unmerged {merged_id}")


@hookimpl
def activity_recorded(activity):
    if activity.kind == "note":
        note(activity.customer_id, f"activity {activity.kind}")


@hookimpl
def plugin_enabled():
    note(None, "enabled")


@hookimpl
def plugin_disabled():
    note(None, "disabled")


@hookimpl
def plugin_uninstalling():
    record_audit("sample_good.uninstalling")


@hookimpl
def dashboard_cards(account):
    return [Card("Sample card", "sample_good/admin/card.html", {"text": "a card for staff"})]


@hookimpl
def staff_notices(account):
    return [StaffNotice(select(literal(2)), "the sample counts {}".format, "admin.plugins", is_banner=True)]


@hookimpl
def customer_panels(customer, account):
    return [Panel("Sample panel", "sample_good/admin/card.html", {"text": f"a panel for {customer.id}"})]


@hookimpl
def render_slot(slot, context):
    return Markup("<p>{}</p>").format("a footer line") if slot == "footer" else None


@hookimpl
def content_access(content, member):
    if content.slug == "sample-open" and member is not None:
        return Access(True, "the sample opens it")
    return None


@hookimpl
def content_preparing(contents, member):
    g.sample_prepared = (member, sorted(content.slug for content in contents))


@hookimpl
def content_reading(content, member):
    if content.slug == "sample-metered":
        return Access(True, "the sample lets you read it once", message="one more page")
    return None


@hookimpl
def made_up_member(customer_id, wishes):
    if "note" in wishes:
        db.session.add(Note(customer_id=customer_id, text=wishes["note"]))


@hookimpl
def access_rules():
    return [Choice("sample-rule", "見本の条件")]


@hookimpl
def visible_activities(account):
    return Activity.title != "a line for owners"


@hookimpl
def limit_devices(customer_id):
    return 1


class SampleSettings(BaseForm):
    greeting = StringField("Greeting")


@hookimpl
def register_settings():
    return SettingsPage(SampleSettings, {"greeting": "hello"})


@hookimpl
def register_exports():
    number = Field("number", "Number", FieldType.INTEGER, lambda: Note.id)
    text = Field("text", "Text", FieldType.TEXT, lambda: Note.text)
    return [
        Export("sample_notes", "Notes", lambda: select(Note.id), lambda: [number, text], "sample_good.see")
    ]


class NoteRows:
    """Notes from files, found by their text."""

    def __init__(self, match):
        assert match == "text"

    def place(self, lines):
        for line in lines:
            line.group = line.values.get("text") or ""

    def read(self, groups):
        return [_record(note) for note in db.session.scalars(select(Note).where(Note.text.in_(groups)))]

    def find(self, numbers):
        return [_record(note) for note in db.session.scalars(select(Note).where(Note.id.in_(numbers)))]

    def fitting(self, line, records):
        return records

    def judge(self, values, record, others):
        return [("Text", "No shouting.")] if str(values.get("text", "")).isupper() else []

    def create(self, lines, job):
        notes = [Note(text=values["text"]) for _line, values in lines]
        db.session.add_all(notes)
        db.session.flush()
        return [_record(note) for note in notes]

    def change(self, changes, job):
        raise AssertionError("a note has nothing but its text")

    def take_back(self, records, job):
        db.session.execute(delete(Note).where(Note.id.in_([record.id for record in records])))
        return [None] * len(records)

    def put_back(self, changes, job):
        raise AssertionError("a note has nothing but its text")

    def show(self, number):
        note = db.session.get(Note, number)
        return (note.text, "/admin/sample-good/notes") if note else None


def _record(note):
    return ImportRecord(note.id, note.text, {"text": note.text})


@hookimpl
def register_import_kinds():
    return [
        ImportKind(
            "sample_good.notes",
            "Sample notes",
            "One note a row.",
            "sample_good.see",
            lambda: [ImportColumn("text", "Text", required=True, aliases=("memo",))],
            [ImportMatch("text", "Text", "", (("text",),))],
            NoteRows,
        )
    ]


@hookimpl
def register_mail_templates():
    return [MailTemplate("sample_good.hello", "Hello", "sample_good/mail/hello", ("name",))]


@hookimpl
def register_page_options():
    return [PageOption("seats", "Seats", "How many may sit.", minimum=1, maximum=50)]


@hookimpl
def register_audit_actions():
    return [AuditAction("sample_good.tried", "Tried the sample")]


def song(content_id):
    if content_id != 7:
        return None
    options = {"sample_good": {"seats": 3}}
    return ContentRef("song", 7, "seven", "Song seven", Visibility.RESTRICTED, options=options)


def change_song(content_id, values, by):
    db.session.add(Note(text=f"song {content_id}: {sorted(values)}"))
    db.session.flush()


@hookimpl
def register_content_kinds():
    return [
        ContentKind(
            "song",
            "Songs",
            song,
            lambda content: f"/sample-good/{content.slug}",
            lambda: [song(7)],
            change_song,
        )
    ]


@click.command("count-notes")
def count_notes():
    click.echo(f"notes: {db.session.execute(select(func.count(Note.id))).scalar_one()}")


@hookimpl
def register_commands():
    return [count_notes]


@hookimpl
def fill_demo(people, named, seed):
    note(people[0] if people else None, f"demo {seed}")


@hookimpl
def plant_canaries(garden):
    garden.person("sample", "Sample")
    garden.page("Sample page", open_to=["sample"], visibility="members")


@hookimpl
def before_erasing(customer_id):
    return [f"The sample holds {customer_id}."]


@hookimpl
def before_withdrawal(customer_id):
    return [f"The notes of {customer_id}."]


@hookimpl
def refuse_withdrawal(customer_id):
    owed = db.session.execute(select(Note.text).where(Note.customer_id == customer_id, Note.text == "owed"))
    return ["A note is owed." for _row in owed]


@hookimpl(optionalhook=True)
def membership_payment(membership_id, amount, currency):
    from plugins.member_tiers.paying.ways import PaymentWay

    return PaymentWay(
        title="Pay by card", url=f"/sample-good/pay/{membership_id}", note=f"{amount} {currency}"
    )


@hookimpl
def member_withdrawn(customer_id):
    note(customer_id, "left for good")


@hookimpl
def disable_consequences():
    n = db.session.execute(select(func.count(Note.id))).scalar_one()
    return [f"{n} notes stay where they are."]
