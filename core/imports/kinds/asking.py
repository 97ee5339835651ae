"""Calls into the rows of a plugin: its own refusals come through, anything else names the plugin."""

from collections.abc import Callable, Sequence
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


def attempt(plugin: str, verb: Callable[..., Sequence[Any]], items: Sequence[Any], job: Any) -> list[Any]:
    """Call a verb of a plugin with many things in a savepoint; return its answer for each.

    When it raises, what it wrote is undone and each half of the things gets a call of its own, so that
    one thing at which it fails costs the others nothing. The answer for that one is the error.
    """
    if not items:
        return []
    try:
        with savepoint():
            if len(items) > 1:
                return _answers(verb, items, job)
            return list(ask(plugin, _answers, verb, items, job))
    except KaiinError as error:
        if len(items) == 1:
            return [error]
    except Exception:
        if len(items) == 1:
            raise
    half = len(items) // 2
    return [*attempt(plugin, verb, items[:half], job), *attempt(plugin, verb, items[half:], job)]


def _answers(verb: Callable[..., Sequence[Any]], items: Sequence[Any], job: Any) -> list[Any]:
    answers = list(verb(items, job))
    if len(answers) != len(items):
        raise ValueError(f"{len(items)} things, {len(answers)} answers")
    return answers


def words_of(refusal: KaiinError) -> str:
    """Return a refusal in words."""
    if isinstance(refusal, ValidationFailed) and refusal.errors:
        return " ".join(map(str, refusal.errors.values()))
    return str(refusal) or str(Conflict(_("This cannot be done.")))
