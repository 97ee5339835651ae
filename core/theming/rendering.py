"""Renders site templates in the sandbox: whole pages and the pieces that tags and slots draw."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import current_app, g, has_request_context, request, url_for
from markupsafe import Markup
from werkzeug.routing import BuildError

from core.assets import fingerprint, plugin_static, static_url
from core.config import ROOT
from core.i18n import current_language, translate
from core.i18n import ngettext as plain_ngettext
from core.plugin_host.snapshot import current_snapshot
from core.security.headers import allow_framing_by_this_site
from core.security.sessions import current_account
from core.theming import limits, views
from core.theming.filters import SITE_FILTERS
from core.theming.loader import DEFAULT_THEME, NO_THEME, SiteLoader, full_name
from core.theming.sandbox import PerRequest, SiteEnvironment
from core.theming.shared_pages import noted_slot, shared_csrf_input
from core.theming.tag_calls import tag
from core.theming.theme_files import ThemeFolders

log = logging.getLogger(__name__)

CORE_TEMPLATES = ROOT / "core" / "templates"
THEMES_MANAGE = "themes.manage"
# How long a changed file of a theme may go unseen; looking at every file for every page costs more
# than drawing it.
CHECK_EVERY = 1.0


def render_site(template: str, *, varies: bool = True, **context: Any) -> str:
    """Render a whole page of the site, e.g. `site/page.html`, in the active theme.

    The answer counts as private unless `varies` is false. A theme that fails is logged, and the
    page is drawn from core's (or the plugin's) own template instead.
    """
    if varies:
        g.answer_varies = True
    return _render(template, context)


def render_site_fragment(template: str, **context: Any) -> Markup:
    """Render a piece of a page (a tag, a slot, an offer) in the active theme."""
    return Markup(_render(template, context))  # noqa: S704 - the sandbox escaped every value


def active_theme() -> str:
    """Return the theme of this request: the site's, or the one that staff preview."""
    wanted = request.args.get("preview_theme") if has_request_context() else None
    if wanted is not None:
        account = current_account()
        if account is not None and account.can(THEMES_MANAGE) and site_engine().themes.folder_of(wanted):
            g.answer_varies = True
            # The themes screen shows the preview in a frame.
            allow_framing_by_this_site()
            return wanted
    return current_snapshot().theme


def _render(template: str, context: Mapping[str, Any]) -> str:
    engine = site_engine()
    theme = active_theme()
    try:
        return engine.render(theme, template, context)
    except Exception:
        log.exception("a site template failed", extra={"theme": theme, "template": template})
    return engine.render(NO_THEME, template, context)


class SiteEngine:
    """The process's sandbox with its loader; templates are compiled once for all requests."""

    def __init__(self, themes: ThemeFolders, plugin_folders: Mapping[str, Path], check_every: float) -> None:
        self.themes = themes
        self.environment = SiteEnvironment(
            loader=SiteLoader(CORE_TEMPLATES, themes.folder_of, plugin_folders, check_every),
            functions=_FUNCTIONS,
            values=_VALUES,
            filters=SITE_FILTERS,
            cache_size=1000,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, theme: str, template: str, context: Mapping[str, Any]) -> str:
        """Render `template` as `theme` (or, with NO_THEME, its owner) has it."""
        with limits.metered():
            return self.environment.get_template(full_name(theme, template)).render(context)


def site_engine() -> SiteEngine:
    """Return the current app's engine, made at first use."""
    engine: SiteEngine | None = current_app.extensions.get("kaiin_site_engine")
    if engine is None:
        kaiin = current_app.extensions["kaiin"]
        folders = {name: m.folder / "templates" for name, m in kaiin.plugins.manifests.items()}
        check_every = 0.0 if kaiin.configuration.testing else CHECK_EVERY
        made = SiteEngine(ThemeFolders(kaiin.configuration.theme_folders), folders, check_every)
        engine = current_app.extensions.setdefault("kaiin_site_engine", made)
    return engine


def site_gettext(message: str, **values: Any) -> str:
    """Translate for the viewer. The result is text: it is escaped like every other value."""
    text = translate(current_language(), str(message))
    if not values:
        return text
    limits.check_operation("%", text, values)
    return text % values


def site_ngettext(singular: str, plural: str, n: int, **values: Any) -> str:
    """Translate with the plural form for `n`; `%(num)s` is `n`."""
    limits.check_operation("%", str(plural), values)
    return plain_ngettext(str(singular), str(plural), n, **values)


def theme_url(file: str) -> str:
    """Return the address of a static file of the active theme, or of the default one."""
    folders = site_engine().themes
    for theme in dict.fromkeys((active_theme(), DEFAULT_THEME)):
        folder = folders.folder_of(theme)
        stamp = fingerprint(folder / "static" / str(file)) if folder is not None else ""
        if stamp:
            return f"/static/themes/{theme}/{quote(str(file))}?v={stamp}"
    return ""


def plugin_enabled(name: str) -> bool:
    """Tell whether a plugin is active."""
    return current_snapshot().is_active(str(name))


def site_url_for(endpoint: str, **values: Any) -> str:
    """Return the path of a page of this site; an empty text when there is no such page."""
    given = {k: v for k, v in values.items() if not k.startswith("_") or k == "_anchor"}
    try:
        return url_for(str(endpoint), **given)
    except BuildError:
        log.warning("a site template links to a page that does not exist", extra={"endpoint": str(endpoint)})
        return ""


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "_": site_gettext,
    "gettext": site_gettext,
    "ngettext": site_ngettext,
    "tag": tag,
    "slot": noted_slot,
    "theme_url": theme_url,
    "plugin_static": plugin_static,
    "static_url": static_url,
    "plugin_enabled": plugin_enabled,
    "csrf_input": shared_csrf_input,
    "url_for": site_url_for,
}
_VALUES = {
    "site": PerRequest(views.current_site),
    "viewer": PerRequest(views.current_viewer),
    "messages": PerRequest(views.current_messages),
    "here": PerRequest(views.current_address),
}
