"""A list of customers for tests, and what reads its pages."""

import re

from sqlalchemy import update

from core import search
from core.admin.listing import BulkAction, EmptyState, Listing, ListView
from core.conditions.fields import Choice, Field, FieldType
from core.customers.models import Customer
from core.db import db

SEE = "customers.see"


def ids_of(html):
    return [int(key) for key in re.findall(r'name="ids" value="(\d+)"', html)]


def fields():
    stages = [Choice("lead", "Lead"), Choice("customer", "Customer"), Choice("former", "Former")]
    return [
        Field("name", "Name", FieldType.TEXT, lambda: Customer.family_name),
        Field("kana", "Kana", FieldType.TEXT, lambda: Customer.kana_key),
        Field("city", "City", FieldType.TEXT, lambda: Customer.city),
        Field("birthday", "Birthday", FieldType.DATE, lambda: Customer.birthday),
        Field("created_at", "Registered", FieldType.DATETIME, lambda: Customer.created_at),
        Field("number", "Number", FieldType.INTEGER, lambda: Customer.id),
        Field("stage", "Stage", FieldType.CHOICE, lambda: Customer.stage, stages),
        Field("prefecture", "Prefecture", FieldType.PREFECTURE, lambda: Customer.prefecture),
        Field("secret", "Secret", FieldType.TEXT, lambda: Customer.area, permission="customers.erase"),
    ]


def set_stage(ids, stage="former"):
    changed = update(Customer).where(Customer.id.in_(ids)).values(stage=stage)
    return db.session.execute(changed.execution_options(synchronize_session=False)).rowcount


def people(**changes):
    values = {
        "name": "people",
        "title": "People",
        "key": Customer.id,
        "fields": fields,
        "columns": ("name", "city", "stage", "created_at"),
        "permission": SEE,
        "primary": "name",
        "secondary": "kana",
        "row_url": lambda key: f"/people/{key}",
        "search": lambda text: search.matches("customer", text, Customer.id),
        "views": (
            ListView("all", "All"),
            ListView("leads", "Leads", lambda: Customer.stage == "lead"),
            ListView("quiet", "Quiet", lambda: Customer.stage == "former", counted=False),
        ),
        "actions": (
            BulkAction("close", "Close", set_stage),
            BulkAction("wipe", "Wipe", set_stage, danger=True, permission="customers.erase"),
            BulkAction("only_leads", "Promote", set_stage, views=("leads",)),
        ),
        "tones": {"stage": {"lead": "info"}},
        "default_sort": "-created_at",
        "export": "customers",
        "empty": EmptyState("Nobody yet", "People appear here.", "Add", lambda: "/people/new"),
        "per_page": 25,
    }
    return Listing(**{**values, **changes})
