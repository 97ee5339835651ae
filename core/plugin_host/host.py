"""The process's plugin host: what was loaded at start, and the snapshot in force."""

import hashlib
import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import pluggy
from flask import current_app

from core.config import Configuration
from core.plugin_host.error_log import ErrorLog
from core.plugin_host.loader import LoadResult

if TYPE_CHECKING:
    from core.plugin_host.snapshot import Snapshot


@dataclass
class Kaiin:
    """What Kaiin keeps beside the Flask app, at `app.extensions["kaiin"]`."""

    configuration: Configuration
    plugins: LoadResult
    core_hooks: object
    blueprint_owners: dict[str, str] = field(default_factory=dict)
    plugin_prefixes: list[tuple[str, str]] = field(default_factory=list)
    bare_endpoints: set[str | None] = field(default_factory=set)
    errors: ErrorLog = field(default_factory=ErrorLog)
    snapshot: "Snapshot | None" = None
    building: threading.Lock = field(default_factory=threading.Lock)
    # By the names of the plugins in them; hooks do not change while the process lives.
    managers: dict[tuple[str, ...], pluggy.PluginManager] = field(default_factory=dict)

    @cached_property
    def cookie_name(self) -> str:
        """Return the name of the session cookie.

        `__Host-` pins it to the host over https. Local sites share one host on many ports, and
        cookies know no ports, so each gets a name of its own.
        """
        if self.configuration.is_https:
            return "__Host-kaiin"
        return "kaiin_" + hashlib.sha256(self.configuration.secret_key.encode()).hexdigest()[:8]

    @cached_property
    def device_cookie_name(self) -> str:
        """Return the name of the cookie of a remembered device."""
        return f"{self.cookie_name}_device"

    @cached_property
    def browser_cookie_name(self) -> str:
        """Return the name of the cookie by which a browser is known again."""
        return f"{self.cookie_name}_browser"


def current_host() -> Kaiin:
    """Return the host of the current app."""
    host: Kaiin = current_app.extensions["kaiin"]
    return host
