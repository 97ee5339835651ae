import pytest

from core.plugin_host.host import current_host
from core.plugin_host.queries import list_plugins

REFUSALS = {
    "sample_broken_import": "ModuleNotFoundError while it was imported",
    "sample_exit_import": "SystemExit while it was imported",
    "sample_broken_manifest": "plugin.toml cannot be read",
    "sample_no_rule": "has no access rule",
    "sample_app_handler": "must not install app-level handlers",
    "sample_foreign_table": "must begin with sample_foreign_table_",
    "sample_new_core": ">=99",
    "sample_unknown_hook": "unknown hook 'no_such_hook'",
}


@pytest.mark.parametrize(("name", "reason"), REFUSALS.items())
def test_a_misbehaving_plugin_is_refused_with_a_reason_that_names_it(sample_app, name, reason):
    failure = current_host().plugins.failures[name]
    assert failure.plugin == name
    assert reason in failure.message


def test_the_site_serves_with_every_broken_plugin_installed(sample_app):
    client = sample_app.test_client()
    assert client.get("/login").status_code == 200
    assert client.get("/healthz").json == {"status": "ok"}


def test_every_broken_plugin_is_listed_as_failed_with_its_problem(sample_app):
    views = {view.name: view for view in list_plugins()}
    for name in REFUSALS:
        assert views[name].state == "failed"
        assert views[name].problem


def test_an_import_error_keeps_its_traceback_for_the_admin(sample_app):
    views = {view.name: view for view in list_plugins()}
    assert "a_module_that_does_not_exist" in views["sample_broken_import"].detail


def test_routes_of_refused_plugins_do_not_exist(sample_app):
    endpoints = {rule.endpoint.split(".")[0] for rule in sample_app.url_map.iter_rules()}
    assert not endpoints & set(REFUSALS)
    assert sample_app.before_request_funcs[None][0].__name__ == "gate"
    assert not any(f.__name__ == "everywhere" for f in sample_app.before_request_funcs[None])


def test_safe_mode_loads_no_plugin_and_still_lists_and_disables(database_url, tmp_path):
    from core.plugin_host import lifecycle
    from core.testing.fixtures import make_app, opened

    usual = make_app(tmp_path, database_url)
    with opened(usual):
        lifecycle.enable("contact_forms")
    safe = make_app(tmp_path, database_url, safe_mode=True)
    with opened(safe):
        assert safe.test_client().get("/login").status_code == 200
        views = {view.name: view for view in list_plugins()}
        assert (
            "safe mode" in views["contact_forms"].problem or "セーフモード" in views["contact_forms"].problem
        )
        lifecycle.disable("contact_forms")
    with opened(usual):
        assert "contact_forms" not in {v.name for v in list_plugins() if v.state == "active"}
