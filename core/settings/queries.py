"""Reads of settings."""

from collections.abc import Mapping
from typing import Any

from flask import current_app

from core.plugin_host.snapshot import current_snapshot
from core.security.secrets_store import read_secret
from core.settings.services import SMTP_PASSWORD


def plugin_settings(plugin: str) -> Mapping[str, Any]:
    """Return a plugin's settings: its defaults with what the owner saved."""
    return current_snapshot().settings(plugin)


def smtp_password() -> str | None:
    """Return the password for the mail server, or None."""
    return read_secret(current_app.extensions["kaiin"].configuration.instance, SMTP_PASSWORD)
