import pytest
from sqlalchemy import inspect, select

from core.accounts.models import Role
from core.accounts.services import save_role
from core.db import db, transaction
from core.errors import Conflict, NotFound, PluginError
from core.plugin_host import lifecycle
from core.plugin_host.models import PluginState
from core.plugin_host.queries import consequences, get_plugin, list_plugins
from core.plugin_host.snapshot import current_snapshot, use_current_snapshot
from core.testing.factories import make_account, make_customer


def states():
    return {view.name: view.state for view in list_plugins()}


def test_enabling_makes_the_tables_and_everything_the_plugin_declares(sample_app):
    lifecycle.enable("sample_good")
    snapshot = current_snapshot()
    assert inspect(db.engine).has_table("sample_good_note")
    assert "sample_mark" in snapshot.tags
    assert "sample_notes" in snapshot.customer_fields
    assert "sample_good.see" in snapshot.permissions
    assert "sample_good.count" in snapshot.jobs
    assert states()["sample_good"] == "active"


def test_a_plugin_whose_own_preparation_fails_stays_disabled_with_the_reason(sample_app):
    with pytest.raises(PluginError, match="RuntimeError"):
        lifecycle.enable("sample_refuses")
    assert db.session.get(PluginState, "sample_refuses") is None
    assert states()["sample_refuses"] == "disabled"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("sample_wrong_result", "must return Export"),
        ("sample_bad_declaration", "register_permissions failed"),
    ],
)
def test_a_plugin_with_wrong_declarations_cannot_be_enabled(sample_app, name, reason):
    before = use_current_snapshot().version
    with pytest.raises(PluginError, match=reason):
        lifecycle.enable(name)
    assert use_current_snapshot().version == before
    assert states()[name] == "disabled"


def test_a_broken_or_unknown_plugin_cannot_be_enabled(sample_app):
    with pytest.raises(PluginError, match="access rule"):
        lifecycle.enable("sample_no_rule")
    with pytest.raises(NotFound):
        lifecycle.enable("nothing_like_this")


def test_a_plugin_is_enabled_after_and_disabled_before_what_it_needs(sample_app):
    with pytest.raises(PluginError, match="sample_good"):
        lifecycle.enable("sample_needs_good")
    lifecycle.enable("sample_good")
    lifecycle.enable("sample_needs_good")
    assert get_plugin("sample_good").needed_by == ("sample_needs_good",)
    with pytest.raises(Conflict, match="sample_needs_good"):
        lifecycle.disable("sample_good")
    lifecycle.disable("sample_needs_good")
    lifecycle.disable("sample_good")
    assert states()["sample_good"] == "disabled"


def test_disabling_hides_routes_files_tags_fields_and_keeps_data(sample_app):
    lifecycle.enable("sample_good")
    client = sample_app.test_client()
    customer = make_customer()
    assert client.get("/sample-good/hello/").status_code == 200
    assert client.get("/static/plugins/sample_good/sample.css").status_code == 200
    lifecycle.disable("sample_good")
    snapshot = current_snapshot()
    assert "sample_mark" not in snapshot.tags
    assert "sample_notes" not in snapshot.customer_fields
    assert client.get("/static/plugins/sample_good/sample.css").status_code == 404
    kept = db.session.execute(select(db.metadata.tables["sample_good_note"].c.customer_id)).scalars().all()
    assert customer.id in kept
    lifecycle.enable("sample_good")
    assert client.get("/sample-good/hello/").status_code == 200


@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "options"])
@pytest.mark.parametrize(
    "path", ["/sample-good/hello/", "/sample-good/hello", "/sample-good/else", "/sample-good"]
)
def test_a_disabled_plugin_answers_the_same_404_whatever_is_asked(sample_app, method, path):
    answer = getattr(sample_app.test_client(), method)(path)
    # `/<slug>` belongs to core's pages and answers OPTIONS for any word.
    assert answer.status_code == 404 or (method, path) == ("options", "/sample-good")


def test_consequences_name_the_plugins_own_numbers_and_what_goes(sample_app):
    lifecycle.enable("sample_good")
    make_customer()
    said = " ".join(consequences("sample_good"))
    assert "2 notes stay" in said


def test_uninstalling_leaves_no_table_no_state_and_no_grant(sample_app):
    lifecycle.enable("sample_good")
    with transaction():
        role = save_role(None, "Note readers", ["sample_good.see", "customers.see"])
    with pytest.raises(Conflict):
        lifecycle.uninstall("sample_good", confirm="sample_good")
    lifecycle.disable("sample_good")
    with pytest.raises(Conflict):
        lifecycle.uninstall("sample_good", confirm="sample")
    lifecycle.uninstall("sample_good", confirm="sample_good")
    tables = inspect(db.engine).get_table_names()
    assert not [t for t in tables if t.startswith("sample_good")]
    assert db.session.get(PluginState, "sample_good") is None
    assert db.session.get(Role, role.id).permissions == ["customers.see"]
    lifecycle.enable("sample_good")
    assert inspect(db.engine).has_table("sample_good_note")


def test_every_change_is_in_the_audit_log(sample_app):
    from core.activity.models import AuditEntry

    owner = make_account("Owner")
    lifecycle.enable("sample_good", by=owner.id)
    lifecycle.disable("sample_good", by=owner.id)
    actions = db.session.execute(
        select(AuditEntry.action).where(AuditEntry.action.startswith("plugin.")).order_by(AuditEntry.id)
    ).scalars()
    assert list(actions) == ["plugin.enabled", "plugin.disabled"]
