import logging
from types import SimpleNamespace

import pytest
from flask import g
from sqlalchemy import select

from core.content.access import ContentRef, Visibility
from core.db import db, transaction
from core.errors import PluginError
from core.plugin_host import guards, lifecycle
from core.plugin_host.models import PluginState
from core.plugin_host.queries import get_plugin
from core.plugin_host.snapshot import use_current_snapshot
from core.testing.factories import make_customer


@pytest.fixture
def broken(sample_app):
    lifecycle.enable("sample_good")
    lifecycle.enable("sample_broken_hook")
    g.pop("snapshot", None)
    use_current_snapshot()
    return sample_app


def test_a_failing_piece_of_a_screen_is_missing_and_the_rest_stays(broken):
    assert [p for p, _ in guards.collect("render_slot", slot="footer", context={})] == ["sample_good"]
    nobody = SimpleNamespace(id=0, can=lambda _right: False)
    assert "sample_broken_hook" not in dict(guards.collect("dashboard_cards", account=nobody))


def test_a_failing_access_answer_grants_nothing(broken):
    page = ContentRef("page", 1, "x", "X", Visibility.RESTRICTED)
    assert guards.collect("content_access", content=page, member=None) == []


def test_a_failing_event_is_logged_and_the_others_still_run(broken):
    customer = make_customer()
    notes = db.session.execute(
        select(db.metadata.tables["sample_good_note"].c.text).where(
            db.metadata.tables["sample_good_note"].c.customer_id == customer.id
        )
    )
    assert notes.scalars().all() == ["created"]


def test_a_failing_strict_hook_cancels_the_whole_operation(broken):
    from core.customers.models import Customer
    from core.customers.services import erase_customer

    customer = make_customer(family_name="消去")
    with pytest.raises(PluginError, match="sample_broken_hook"), transaction():
        erase_customer(customer.id, by=None)
    db.session.expire_all()
    assert db.session.get(Customer, customer.id).family_name == "消去"


def test_strict_hooks_reach_a_disabled_plugin_that_has_tables(sample_app):
    lifecycle.enable("sample_good")
    customer = make_customer()
    lifecycle.disable("sample_good")
    assert guards.collect("customer_data", customer_id=customer.id)[-1] == (
        "sample_good",
        {"notes": ["created"]},
    )


def test_erasing_is_refused_while_a_plugin_with_tables_cannot_be_reached(sample_app, database_url, tmp_path):
    from core.testing.fixtures import make_app, opened

    lifecycle.enable("sample_good")
    customer_id = make_customer().id
    without = make_app(tmp_path, database_url)
    with opened(without), pytest.raises(PluginError, match="sample_good"):
        guards.collect("customer_erasing", customer_id=customer_id)


def test_errors_are_counted_and_kept_for_the_admin_without_their_message(broken, caplog):
    with caplog.at_level(logging.ERROR):
        broken.test_client().get("/login")
    db.session.rollback()
    view = get_plugin("sample_broken_hook")
    assert view.errors >= 1
    assert "RuntimeError" in view.last_error or "SystemExit" in view.last_error
    assert view.last_error_at is not None
    assert "a personal secret" not in view.last_error
    assert "a personal secret" not in caplog.text


def test_what_a_failing_plugin_wrote_is_undone_and_the_callers_work_is_kept(sample_app):
    lifecycle.enable("sample_good")
    notes = db.metadata.tables["sample_good_note"]

    def write_and_fail():
        db.session.execute(notes.insert().values(text="of the plugin"))
        raise SystemExit(3)

    with transaction():
        db.session.execute(notes.insert().values(text="of the caller"))
        assert guards.call_plugin("sample_good", write_and_fail, default="none") == "none"
    assert db.session.execute(select(notes.c.text)).scalars().all() == ["enabled", "of the caller"]


def test_cores_own_errors_are_not_hidden(app):
    with pytest.raises(ZeroDivisionError):
        guards.call_plugin("core", lambda: 1 / 0)


def test_a_plugin_state_row_starts_without_errors_again_when_enabled(broken):
    broken.test_client().get("/login")
    lifecycle.disable("sample_broken_hook")
    lifecycle.enable("sample_broken_hook")
    assert db.session.get(PluginState, "sample_broken_hook").error_count == 0
