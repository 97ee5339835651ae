import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from core.customers.models import Customer
from core.customers.services import create_customer, customer_report
from core.db import db, transaction
from core.errors import KaiinError
from core.exports.csv_writer import stream_export
from core.exports.queries import export_fields, find_export
from core.imports.targets import list_targets
from core.testing.factories import make_company, make_custom_field, make_label

TYPES = ("text", "integer", "date", "boolean", "choice", "multi", "email", "phone", "prefecture", "datetime")
NASTY = st.text(st.sampled_from("山ア-=+@'\"; ,、|\n\t0１é😀"), max_size=12)


def said():
    db.session.rollback()
    db.session.expire_all()
    ids = db.session.scalars(select(Customer.id).order_by(Customer.id)).all()
    reports = (customer_report(n)["fields"] for n in ids)
    return [{k: sorted(v) if isinstance(v, list) else v for k, v in fields.items()} for fields in reports]


def exported(encoding="utf-8-sig"):
    export = find_export("customers")
    names = [field.name for field in export_fields(export)]
    return b"".join(stream_export(export, names, encoding=encoding))


@pytest.fixture
def site(app):
    for name in ("VIP", "A, B", "x;y"):
        make_label(name)
    make_company("株式会社みどり")
    for kind in TYPES:
        make_custom_field(f"own_{kind}", kind, choices=("S; M", "L") if kind in ("choice", "multi") else ())


def somebody(memo, name, label):
    return {
        "family_name": name,
        "given_name": "花子",
        "memo": memo,
        "caution_note": memo[::-1],
        "labels": [label, "VIP"],
        "interests": ["茶道", "a,b"],
        "company_name": "（株）みどり",
        "sns_line": memo,
        "birthday": "1988-01-07",
        "prefecture": "13",
        "sex": "female",
        "rank": "vip",
        "may_contact": False,
        "is_decision_maker": True,
        "phone": "+81 3 1234 5678",
        "stage": "customer",
        "custom_own_text": memo,
        "custom_own_integer": "-5",
        "custom_own_date": "2026-02-28",
        "custom_own_boolean": "no",
        "custom_own_choice": "S; M",
        "custom_own_multi": ["S; M", "L"],
        "custom_own_email": "+x@example.jp",
        "custom_own_phone": "+1 650-253-0000",
        "custom_own_prefecture": "Osaka",
        "custom_own_datetime": "2026-01-02 03:04",
    }


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(st.tuples(NASTY, NASTY, st.sampled_from(["A, B", "x;y"])), min_size=1, max_size=3))
def test_an_exported_file_imports_back_to_an_equal_state(site, bring, people):
    with transaction():
        db.session.execute(delete(Customer))
    for person in people:
        try:
            with transaction():
                create_customer(somebody(*person))
        except KaiinError:  # what the form refuses never gets into a file
            continue
    before = said()
    if not before:
        return
    data = exported()
    back = bring(data)
    assert set(back.settings.targets) >= set(list_targets()) - {"full_name", "full_kana"}
    assert back.settings.match == "email" or back.choose(match="number") is None
    back.choose(match="number", clears=True)
    assert back.check() == (0, 0, len(before), 0), (back.problems(), back.row.report["examples"])
    with transaction():
        db.session.execute(delete(Customer))
    fresh = bring(data, match="none")
    assert fresh.run() == (len(before), 0, 0, 0), fresh.problems()
    assert said() == before


def test_a_file_in_shift_jis_comes_back_as_well(site, bring):
    with transaction():
        create_customer(somebody("=1+1", "山田", "A, B"))
    before = said()
    back = bring(exported("cp932"))
    assert back.settings.encoding == "cp932"
    back.choose(match="number")
    assert back.check() == (0, 0, 1, 0)
    assert said() == before
    assert io.BytesIO(exported()).read().startswith(b"\xef\xbb\xbf")
