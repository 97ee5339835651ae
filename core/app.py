"""`create_app()`: short, ordered steps."""

import logging
import mimetypes
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import MapAdapter
from werkzeug.wsgi import get_host

# Importing the site map maps every table of core, which the loader needs to tell plugins' own.
from core import errors_http, health, hooks, site_map
from core.assets import init_assets
from core.config import (
    MAX_BODY_BYTES,
    MAX_FORM_MEMORY_BYTES,
    MAX_FORM_PARTS,
    Configuration,
    load_configuration,
)
from core.customers.masking import mask_answer
from core.customers.reach.enforcing import init_reach
from core.db import init_db
from core.exports.way_out import refuse_unnoted
from core.extensions import login_manager
from core.i18n import add_translations, init_i18n
from core.logs import init_logs, log_request
from core.looks.services import write_looks_later
from core.plugin_host.discovery import discover
from core.plugin_host.host import Kaiin, current_host
from core.plugin_host.loader import LoadResult, load_plugins
from core.prepared import init_prepared
from core.security.access import access_rule_of
from core.security.cookies import set_log_in_cookies
from core.security.csrf import csrf_input, csrf_token, set_visitor_cookie
from core.security.gate import gate
from core.security.headers import FIXED_HEADERS, csp_nonce, set_security_headers
from core.security.made_up import forget_made_up
from core.security.row_numbers import RowNumberConverter
from core.security.view_as import set_view_as_cookie
from core.url_rules import UrlRule

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger("kaiin")


class KaiinFlask(Flask):
    """Flask with fixed headers, and without asking at a dozen calls a request for coroutines."""

    url_rule_class = UrlRule

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is: Kaiin has no asynchronous views."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return the router for a request; its host is looked at once, where Flask and Werkzeug do it twice.

        Kaiin matches neither hosts nor subdomains, and opens no websockets.
        """
        if request is None:
            return super().create_url_adapter(None)
        environ = request.environ
        request.trusted_hosts = self.config["TRUSTED_HOSTS"]
        request.host = get_host(environ, request.trusted_hosts)
        return self.url_map.bind(
            request.host,
            _decoded(environ, "SCRIPT_NAME"),
            "",
            environ["wsgi.url_scheme"],
            environ["REQUEST_METHOD"],
            _decoded(environ, "PATH_INFO"),
            _decoded(environ, "QUERY_STRING"),
        )

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request; the fixed security headers are on whatever leaves."""
        return super().wsgi_app(environ, partial(_start, start_response))


def _decoded(environ: "WSGIEnvironment", name: str) -> str:
    text: str = environ.get(name, "")
    return text.encode("latin-1").decode(errors="replace")


def _start(
    start_response: "StartResponse", status: str, headers: list[tuple[str, str]], *error: Any
) -> Callable[[bytes], object]:
    return start_response(status, [*headers, *FIXED_HEADERS], *error)


class NoticesSession(SecureCookieSessionInterface):
    """Flask's signed cookie, which carries notices to the next page and nothing else."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie when there is something to write or to take away."""
        if session or session.modified:
            super().save_session(app, session, response)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the cookie; without one, skip making a signer that nothing will use."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


def create_app(configuration: Configuration | None = None, **overrides: Any) -> Flask:
    """Build the application from a configuration, or from the environment with overrides.

    A broken plugin is skipped and named in the admin; unsafe settings raise ConfigurationError.
    """
    configuration = configuration or load_configuration(**overrides)
    app = KaiinFlask("core", static_folder=None, instance_path=str(configuration.instance))
    _configure(app, configuration)
    init_logs(app)
    init_db(app)
    init_prepared(app)
    init_reach(app)
    init_i18n(app)
    kaiin = _host(configuration)
    app.extensions["kaiin"] = kaiin
    login_manager.init_app(app)
    _install_gate(app)
    init_assets(app)
    _register_core(app)
    _register_plugins(app, kaiin)
    _add_texts_of_themes(configuration)
    errors_http.init_error_pages(app)
    _refuse_views_without_rule(app)
    if configuration.proxy_hops:
        hops = configuration.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, configuration: Configuration) -> None:
    app.testing = configuration.testing
    mimetypes.add_type("text/javascript", ".js")
    app.config.update(
        SECRET_KEY=configuration.secret_key,
        SECRET_KEY_FALLBACKS=list(configuration.secret_key_fallbacks),
        SQLALCHEMY_DATABASE_URI=configuration.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(configuration.database_url),
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_MEMORY_BYTES,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        SESSION_COOKIE_NAME="kaiin_notices",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=configuration.is_https,
        TRUSTED_HOSTS=configuration.hosts,
        PROPAGATE_EXCEPTIONS=False,
        **configuration.extra,
    )
    app.session_interface = NoticesSession()
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    # `redirect()` must send the path that was checked, not one rebuilt from the Host header.
    app.url_map.host_matching = False
    app.url_map.converters["int"] = RowNumberConverter


def _engine_options(url: str) -> dict[str, Any]:
    options: dict[str, Any] = {"hide_parameters": True}
    if url.startswith("postgresql"):
        return {**options, "pool_size": 5, "max_overflow": 10, "pool_pre_ping": True}
    return {**options, "pool_size": 8, "max_overflow": 16, "connect_args": {"check_same_thread": False}}


def _host(configuration: Configuration) -> Kaiin:
    plugins = (
        LoadResult({}, {})
        if configuration.safe_mode
        else load_plugins(discover(configuration.plugin_folders))
    )
    for failure in plugins.failures.values():
        log.error("plugin not loaded", extra={"plugin": failure.plugin, "reason": failure.message})
    return Kaiin(configuration=configuration, plugins=plugins, core_hooks=hooks)


def _install_gate(app: Flask) -> None:
    app.before_request(gate)
    app.teardown_request(forget_made_up)
    steps = (
        mask_answer,
        log_request,
        set_security_headers,
        set_visitor_cookie,
        set_log_in_cookies,
        set_view_as_cookie,
        write_looks_later,
        # Functions run from the last to the first: what may not leave is stopped before all else.
        refuse_unnoted,
    )
    for step in steps:
        app.after_request(step)
    app.after_request(_write_plugin_errors)
    app.jinja_env.globals.update(csrf_input=csrf_input, csrf_token=csrf_token, csp_nonce=csp_nonce)


def _write_plugin_errors(response: Response) -> Response:
    current_host().errors.flush()
    return response


def _register_core(app: Flask) -> None:
    app.extensions["kaiin"].bare_endpoints.update(health.BARE)
    for blueprint, prefix in site_map.blueprints():
        app.register_blueprint(blueprint, url_prefix=prefix)


def _add_texts_of_themes(configuration: Configuration) -> None:
    for folder in configuration.theme_folders:
        add_translations(*(file.parent / "translations" for file in sorted(folder.glob("*/theme.toml"))))


def _register_plugins(app: Flask, kaiin: Kaiin) -> None:
    loaders = {
        name: FileSystemLoader(plugin.manifest.folder / "templates" / name)
        for name, plugin in kaiin.plugins.loaded.items()
    }
    core_templates = FileSystemLoader(Path(__file__).parent / "templates")
    app.jinja_loader = ChoiceLoader([core_templates, PrefixLoader(loaders)])
    for plugin in kaiin.plugins.loaded.values():
        add_translations(plugin.manifest.folder / "translations")
        for blueprint in plugin.blueprints:
            prefix = _prefix(plugin.manifest.url_prefix, blueprint)
            app.register_blueprint(blueprint, url_prefix=prefix)
            kaiin.blueprint_owners[blueprint.name] = plugin.name
            kaiin.plugin_prefixes.append((prefix, plugin.name))


def _prefix(url_prefix: str, blueprint: Blueprint) -> str:
    return f"/admin/{url_prefix}" if blueprint.name.endswith("_admin") else f"/{url_prefix}"


def _refuse_views_without_rule(app: Flask) -> None:
    open_views = [e for e, view in app.view_functions.items() if access_rule_of(view) is None]
    if open_views:
        raise RuntimeError(f"views without an access rule: {', '.join(sorted(open_views))}")
