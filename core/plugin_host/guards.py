"""Every call into a plugin goes through here: known plugin, caught errors, undone writes.

`collect` and `notify` call hooks by their kind; `call_plugin` guards any other callable that a
plugin handed over (a tag's render, a job, a badge).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pluggy import HookImpl

from core import hookspecs
from core.db import after_commit, db, in_transaction, savepoint, transaction
from core.errors import PluginError
from core.i18n import _
from core.plugin_host.host import current_host
from core.plugin_host.snapshot import Snapshot, current_snapshot
from core.seen_by import everybody

CORE = "core"


def call_plugin(
    plugin: str, function: Callable[..., Any], *args: Any, default: Any = None, **values: Any
) -> Any:
    """Call `function` of `plugin`; when it raises anything, count it and return `default`.

    Inside a transaction its writes are undone to a savepoint. Core's own functions are called
    plainly: their errors are ours.
    """
    if plugin == CORE:
        return function(*args, **values)
    try:
        if in_transaction():
            with savepoint():
                return function(*args, **values)
        return function(*args, **values)
    except BaseException as error:
        contain(plugin, getattr(function, "__qualname__", str(function)), error)
        return default


def contain(plugin: str, where: str, error: BaseException) -> None:
    """Record a plugin's error and leave the session usable."""
    current_host().errors.record(plugin, where, error)
    if not in_transaction():
        # On PostgreSQL a failed statement spoils the transaction for the rest of the page.
        db.session.rollback()


def collect(hook: str, **values: Any) -> list[tuple[str, Any]]:
    """Call a hook on the current snapshot and return `(plugin, result)` of each answer but None.

    Pieces of screens and access answers of a failing plugin are missing. Strict hooks reach
    disabled plugins that have tables, too, and raise PluginError so that the operation ends.
    """
    snapshot = current_snapshot()
    if hookspecs.KINDS.get(hook) == hookspecs.STRICT:
        return _collect_strict(snapshot, hook, values)
    results = []
    for implementation in snapshot.implementations(hook):
        answer = call_plugin(
            implementation.plugin_name, implementation.function, **_arguments(implementation, values)
        )
        if answer is not None:
            results.append((implementation.plugin_name, answer))
    return results


def hand_back(hook: str, notes: Mapping[str, Any], **values: Any) -> list[tuple[str, Any]]:
    """Call a strict hook with `note`: what the same plugin answered before, by plugin, from `notes`.

    Who answered nothing is not called, and neither is a plugin that exists no more.
    """
    return _collect_strict(current_snapshot(), hook, values, notes)


def _collect_strict(
    snapshot: Snapshot, hook: str, values: Mapping[str, Any], notes: Mapping[str, Any] | None = None
) -> list[tuple[str, Any]]:
    if snapshot.unreachable:
        names = ", ".join(sorted(snapshot.unreachable))
        raise PluginError(
            names,
            _("The plugin “%(name)s” keeps data about customers but cannot be reached now.", name=names),
        )
    results = []
    for implementation in snapshot.integrity_implementations(hook):
        if notes is not None:
            if implementation.plugin_name not in notes:
                continue
            values = {**values, "note": notes[implementation.plugin_name]}
        try:
            answer = implementation.function(**_arguments(implementation, values))
        except BaseException as error:
            if implementation.plugin_name == CORE:
                raise
            current_host().errors.record(implementation.plugin_name, hook, error)
            message = _(
                "The plugin “%(name)s” stopped this; nothing was changed.", name=implementation.plugin_name
            )
            raise PluginError(implementation.plugin_name, message) from error
        if answer is not None:
            results.append((implementation.plugin_name, answer))
    return results


def notify(hook: str, **values: Any) -> None:
    """Send an event to all active plugins, after the commit, each in a transaction of its own."""
    implementations = current_snapshot().implementations(hook)
    if not implementations:
        return

    def deliver() -> None:
        for implementation in implementations:
            _deliver(implementation, values)

    if in_transaction():
        after_commit(deliver)
    else:
        deliver()


def _deliver(implementation: HookImpl, values: Mapping[str, Any]) -> None:
    try:
        # What plugins note of an event is the site's, whoever it was that acted.
        with everybody(), transaction():
            implementation.function(**_arguments(implementation, values))
    except BaseException as error:
        if implementation.plugin_name == CORE:
            raise
        contain(implementation.plugin_name, implementation.function.__name__, error)


def _arguments(implementation: HookImpl, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in implementation.argnames}


def call_own_life(implementations: Iterable[HookImpl], plugin: str, **values: Any) -> None:
    """Call a hook of a plugin's own life; any exception becomes a PluginError."""
    for implementation in implementations:
        try:
            implementation.function(**_arguments(implementation, values))
        except BaseException as error:
            current_host().errors.record(plugin, implementation.function.__name__, error)
            message = _(
                "The plugin's own preparation failed (%(error)s); nothing was changed.",
                error=type(error).__name__,
            )
            raise PluginError(plugin, message) from error
