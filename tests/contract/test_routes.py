"""Every route of core and plugins, for every kind of caller: built from the URL map, not by hand."""

import pytest
from flask import url_for
from werkzeug.routing import BuildError, IntegerConverter

from core.plugin_host import lifecycle
from core.plugin_host.snapshot import current_snapshot
from core.security.access import RuleKind, access_rule_of
from core.testing.factories import make_account, make_staff
from core.testing.fixtures import make_app

PLUGINS = ("contact_forms", "member_tiers", "csv_export", "wordpress_import", "library")
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# Without a token their posts count as a guest's; tests/defences tries to send in a member's name.
OF_CACHED_PAGES = {"contact_forms.submit", "contact_forms.confirmed"}


def routes(app):
    found = []
    for rule in app.url_map.iter_rules():
        values = {name: example_of(c) for name, c in rule._converters.items()}
        try:
            with app.test_request_context():
                path = url_for(rule.endpoint, **values)
        except BuildError:
            continue
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
            found.append((rule.endpoint, method, path, access_rule_of(app.view_functions[rule.endpoint])))
    return found


def example_of(converter):
    if isinstance(converter, IntegerConverter):
        return 1
    return "x"


@pytest.fixture
def full_app(app):
    for name in PLUGINS:
        lifecycle.enable(name)
    return app


def call(client, method, path, csrf=True, **values):
    return client.open(path, method=method, csrf=csrf, **values)


def test_every_route_has_an_access_rule_with_a_registered_permission(full_app):
    permissions = set(current_snapshot().permissions) | {"admin.access"}
    for endpoint, _method, _path, rule in routes(full_app):
        assert rule is not None, endpoint
        if rule.kind is RuleKind.PERMISSION:
            assert rule.name in permissions, (endpoint, rule.name)


def test_guests_reach_public_routes_only(full_app, client):
    for endpoint, method, path, rule in routes(full_app):
        status = call(client, method, path).status_code
        if rule.kind is RuleKind.PUBLIC:
            assert status < 500, (endpoint, method, path)
        else:
            assert status in (302, 401, 403), (endpoint, method, path, status)
            assert status != 302 or "/login" in call(client, method, path).headers["Location"]


def test_members_never_reach_the_admin(full_app, client, login):
    login(client, make_account("Member"))
    for endpoint, method, path, rule in routes(full_app):
        if rule.kind is RuleKind.PERMISSION:
            assert call(client, method, path).status_code == 403, (endpoint, method, path)


def test_staff_without_the_permission_are_refused_everywhere_it_is_asked(full_app, client, login):
    login(client, make_staff())
    for endpoint, method, path, rule in routes(full_app):
        if rule.kind is RuleKind.PERMISSION and rule.name != "admin.access":
            assert call(client, method, path).status_code == 403, (endpoint, method, path)


def test_members_only_routes_refuse_staff(full_app, client, login):
    login(client, make_account("Owner"))
    for endpoint, method, path, rule in routes(full_app):
        if rule.kind is RuleKind.MEMBER:
            assert call(client, method, path).status_code == 403, (endpoint, method, path)


def test_no_route_answers_the_owner_with_a_server_error(full_app, client, login):
    login(client, make_account("Owner"))
    for endpoint, method, path, rule in routes(full_app):
        if rule.kind is RuleKind.PERMISSION:
            status = call(client, method, path).status_code
            assert status < 500, (endpoint, method, path, status)


def test_every_unsafe_route_refuses_a_request_without_a_token(full_app, client, login):
    login(client, make_account("Owner"))
    for endpoint, method, path, rule in routes(full_app):
        if method in UNSAFE and rule.kind is not RuleKind.MEMBER and endpoint not in OF_CACHED_PAGES:
            assert call(client, method, path, csrf=False).status_code in (400, 403), (endpoint, path)


def test_what_takes_posts_of_cached_pages_is_known_and_refuses_other_sites(full_app, client, login):
    login(client, make_account("Owner"))
    taking = {name for name, view in full_app.view_functions.items() if hasattr(view, "accepts_cached_pages")}
    assert taking == OF_CACHED_PAGES
    for endpoint, method, path, _rule in routes(full_app):
        if endpoint in OF_CACHED_PAGES:
            answer = call(client, method, path, headers={"Origin": "https://evil.example"})
            assert answer.status_code == 403, (endpoint, path)


def test_wrong_methods_are_refused_on_every_route(full_app, client, login):
    login(client, make_account("Owner"))
    allowed = {}
    for _endpoint, method, path, _rule in routes(full_app):
        allowed.setdefault(path, set()).add(method)
    for path, methods in allowed.items():
        for method in set(UNSAFE) - methods:
            assert 400 <= call(client, method, path).status_code < 500, (method, path)


@pytest.mark.parametrize("name", PLUGINS)
def test_every_route_of_a_disabled_plugin_is_the_same_404_for_everyone(full_app, client, login, name):
    own = [r for r in routes(full_app) if r[0].split(".")[0] in (name, f"{name}_admin")]
    lifecycle.disable(name)
    login(client, make_account("Owner"))
    for endpoint, method, path, _rule in own:
        assert call(client, method, path).status_code == 404, (endpoint, method, path)


def test_the_matrix_can_fail(database_url, tmp_path):
    """A view whose rule is too wide must be noticed by the matrix."""
    from core.security.access import public

    app = make_app(tmp_path, database_url)
    with app.app_context():
        endpoint = next(
            e for e, v in app.view_functions.items() if access_rule_of(v).kind is RuleKind.PERMISSION
        )
        view = app.view_functions[endpoint]

        def too_wide(**_values):
            return "everything"

        app.view_functions[endpoint] = public(too_wide)
        assert access_rule_of(app.view_functions[endpoint]) != access_rule_of(view)
        from core.db import db

        db.engine.dispose()
