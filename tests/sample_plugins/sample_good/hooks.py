from flask import Blueprint
from markupsafe import Markup
from plugins.sample_good.models import Note
from sqlalchemy import delete, func, select, update

from core.api import (
    Customer,
    CustomerField,
    FieldType,
    Job,
    MenuItem,
    Permission,
    TemplateTag,
    db,
    hookimpl,
    permission_required,
    public,
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
    db.session.execute(update(Note).where(Note.customer_id == merged_id).values(customer_id=kept_id))


@hookimpl
def customer_erasing(customer_id):
    db.session.execute(delete(Note).where(Note.customer_id == customer_id))


@hookimpl
def customer_data(customer_id):
    query = select(Note.text).where(Note.customer_id == customer_id)
    return {"notes": list(db.session.execute(query).scalars())}


@hookimpl
def customer_created(customer_id):
    db.session.add(Note(customer_id=customer_id, text="created"))


@hookimpl
def disable_consequences():
    n = db.session.execute(select(func.count(Note.id))).scalar_one()
    return [f"{n} notes stay where they are."]
