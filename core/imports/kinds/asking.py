"""Calls into the rows of a plugin: its own refusals come through, anything else names the plugin."""

from collections.abc import Callable
from typing import Any

from core.db import savepoint
from core.errors import Conflict, KaiinError, PluginError, ValidationFailed
from core.i18n import _
from core.plugin_host.guards import contain


def ask(plugin: str, function: Callable[..., Any], *args: Any) -> Any:
    """Call a plugin; what is no KaiinError is counted and becomes a PluginError."""
    try:
        return function(*args)
    except KaiinError:
        raise
    except Exception as error:
        contain(plugin, getattr(function, "__qualname__", str(function)), error)
        message = _("The plugin “%(plugin)s” failed at this. An owner sees the reason.", plugin=plugin)
        raise PluginError(plugin, message) from error


def attempt(plugin: str, function: Callable[..., Any], *args: Any) -> Any:
    """Call a verb of a plugin in a savepoint; its writes are undone when it raises."""
    with savepoint():
        return ask(plugin, function, *args)


def words_of(refusal: KaiinError) -> str:
    """Return a refusal in words."""
    if isinstance(refusal, ValidationFailed) and refusal.errors:
        return " ".join(map(str, refusal.errors.values()))
    return str(refusal) or str(Conflict(_("This cannot be done.")))
