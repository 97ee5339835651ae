"""Who may change who reads what (L14), and what somebody typed as a secret stays nowhere (L22)."""

import logging

import pytest
from flask import url_for
from sqlalchemy import select

from core.content.models import MenuEntry, Page
from core.db import db
from core.db_base import Base
from core.security.access import RuleKind, access_rule_of
from core.testing.factories import PASSWORD, make_staff
from plugins.contact_forms.models import Form
from plugins.member_tiers.rules.models import AccessRule, DefaultRule, ReadAllowance

# Screens that say who may read: of pages, menus, forms, files, and of rules themselves.
SCREENS = ("pages", "menus", "readers", "library", "access", "rules", "allowance", "default")
# This one draws an empty row of a condition.
HARMLESS = "rule-row"
NAMES = "visibility display rule_name readers rule_mode rule_json condition mode title key status body slug"
TYPED = {
    **dict.fromkeys(NAMES.split(), "x"),
    "visibility": "public",
    "rule_json": "{}",
    "status": "published",
}


def screens(app):
    """Return addresses and methods of every screen on which it is set who may read."""
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            access = access_rule_of(app.view_functions[rule.endpoint])
            if not rule.rule.startswith("/admin/") or not any(part in rule.rule for part in SCREENS):
                continue
            if access is None or access.kind is not RuleKind.PERMISSION or HARMLESS in rule.rule:
                continue
            values = {name: "page" if name == "kind" else 1 for name in rule.arguments}
            found += [
                (url_for(rule.endpoint, **values), method) for method in rule.methods - {"OPTIONS", "HEAD"}
            ]
    return found


def rules_now():
    """Return all that decides who may read."""
    db.session.rollback()
    columns = (
        *(Page.id, Page.visibility, Page.rule, Page.rule_name, Page.display, Page.options, Page.status),
        *(Form.id, Form.handling),
    )
    told = [db.session.execute(select(*some).order_by(some[0])).all() for some in (columns[:7], columns[7:])]
    for model in (MenuEntry, AccessRule, DefaultRule, ReadAllowance):
        table = model.__table__
        told.append(db.session.execute(select(table).order_by(table.c.id)).all())
    db.session.rollback()
    return repr(told)


@pytest.mark.parametrize("who", [None, "free", "gold", "expired", "staff"])
def test_nobody_without_the_right_changes_who_may_read(app, shop, visit, enable_plugins, who) -> None:
    enable_plugins("library")
    # Staff with a right over people have none over what is published.
    email = make_staff("customers.view").email if who == "staff" else shop.emails.get(who)
    client, before = visit(email), rules_now()
    paths = screens(app)
    assert len(paths) > 20
    for path, method in paths:
        answer = client.open(path, method=method, data=TYPED)
        assert answer.status_code in (302, 401, 403, 404, 405), (method, path)
        assert answer.status_code != 302 or "/login" in answer.headers["Location"], (method, path)
    assert rules_now() == before


def test_no_log_and_no_table_holds_what_somebody_typed_as_a_secret(app, shop, new_client, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    typed = "wrong-canary-pass-51f0"
    email, own = shop.emails["gold"], f"{PASSWORD}"
    client = new_client()
    for password in (typed, own):
        client.post("/login", data={"email": email, "password": password})
    client.post("/login/again", data={"password": typed})
    client.post(
        "/account/password", data={"current": own, "password": f"{typed}-new", "again": f"{typed}-new"}
    )
    cookies = [cookie.value for cookie in client._cookies.values() if len(cookie.value) > 20]
    assert cookies
    everything = caplog.text + "".join(
        repr(row)
        for table in Base.metadata.sorted_tables
        if _is_there(table)
        for row in db.session.execute(select(table))
    )
    for secret in (typed, own, *cookies):
        assert secret not in everything


def _is_there(table):
    return db.engine.dialect.has_table(db.session.connection(), table.name)
