"""Changes to settings. All of them add one to the version that every process watches."""

from collections.abc import Mapping
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from core.db import db
from core.errors import NotFound
from core.plugin_host.models import PluginState, SiteState
from core.security.secrets_store import write_secret
from core.settings.models import NAMES, SiteSettings, site_settings_from

SMTP_PASSWORD = "smtp_password"  # noqa: S105 - the name of a secret, not one


def bump_version() -> None:
    """Tell every process to build a new snapshot. Needs an open transaction."""
    db.session.execute(update(SiteState).values(version=SiteState.version + 1))


def save_site_settings(values: Mapping[str, Any], *, by: int | None = None) -> SiteSettings:
    """Store the given site settings and keep the others; raise KeyError for unknown names.

    `smtp_password` goes to the secrets file, never to the database; an empty one keeps what is
    there. `by` is the acting account's id.
    """
    changes = dict(values)
    password = changes.pop(SMTP_PASSWORD, None)
    unknown = set(changes) - NAMES
    if unknown:
        raise KeyError(f"unknown site setting: {', '.join(sorted(unknown))}")
    if password:
        write_secret(current_app.extensions["kaiin"].configuration.instance, SMTP_PASSWORD, password)
        changes["smtp_password_set"] = True
    state = db.session.execute(select(SiteState)).scalar_one()
    state.settings = {**state.settings, **changes}
    db.session.flush()
    bump_version()
    _audit("settings.site.saved", by, sorted(changes))
    return site_settings_from(state.settings)


def save_plugin_settings(plugin: str, values: Mapping[str, Any], *, by: int | None = None) -> None:
    """Store a plugin's settings; values must be JSON. Raise NotFound if it was never enabled."""
    state = db.session.get(PluginState, plugin)
    if state is None:
        raise NotFound(f"plugin {plugin} was never enabled")
    state.settings = {**state.settings, **values}
    db.session.flush()
    bump_version()
    _audit("settings.plugin.saved", by, [plugin, *sorted(values)])


def _audit(action: str, by: int | None, names: list[str]) -> None:
    from core.activity.services import record_audit

    record_audit(action, by=by, data={"names": names})
