"""Which lines of the timelines whoever is signed in may see; plugins may keep their own from them."""

from sqlalchemy import ColumnElement

from core.activity.models import Activity
from core.security.sessions import current_account

_FAILED = object()


def seen_activities() -> list[ColumnElement[bool]]:
    """Return what an activity must satisfy to be shown; of a plugin that fails, nothing is."""
    from core.plugin_host.guards import call_plugin
    from core.plugin_host.snapshot import current_snapshot

    account = current_account()
    if account is None or account.is_owner:
        return []
    found = []
    for implementation in current_snapshot().implementations("visible_activities"):
        plugin = implementation.plugin_name
        answer = call_plugin(plugin, implementation.function, account, default=_FAILED)
        if answer is _FAILED:
            answer = ~Activity.kind.startswith(f"{plugin}.", autoescape=True)
        if answer is not None:
            found.append(answer)
    return found
