"""What `kaiin plugins check` looks at: loading, hooks, permissions, models against migrations."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import current_app

from core.db import db
from core.db_base import Base
from core.errors import PluginError
from core.plugin_host.host import Kaiin, current_host
from core.plugin_host.loader import LoadedPlugin
from core.plugin_host.schema_version import Owner, is_current
from core.plugin_host.snapshot import build_snapshot, current_snapshot
from core.security.access import RuleKind, access_rule_of

Problem = tuple[str, str]


def check_plugins(name: str | None = None) -> list[Problem]:
    """Return `(plugin, problem)` for one plugin or for all installed ones."""
    host = current_host()
    problems = [(f.plugin, f.message) for f in host.plugins.failures.values()]
    for plugin in host.plugins.loaded.values():
        problems += [(plugin.name, problem) for problem in _problems_of(host, plugin)]
    known = set(host.plugins.failures) | set(host.plugins.loaded)
    if name is not None and name not in known:
        return [(name, "there is no such plugin")]
    return [p for p in problems if name in (None, p[0])]


def _problems_of(host: Kaiin, plugin: LoadedPlugin) -> list[str]:
    problems = []
    if not (plugin.manifest.folder / "translations" / "ja").is_dir():
        problems.append("it has no Japanese translation (translations/ja/*.po)")
    try:
        snapshot = build_snapshot(host, also_enabled=plugin.name)
    except PluginError as error:
        return [*problems, str(error)]
    problems += [
        f"the view {endpoint} asks for the permission {name!r}, which nobody registers"
        for endpoint, name in permissions_asked(plugin)
        if name not in snapshot.permissions
    ]
    if current_snapshot().is_active(plugin.name) and is_current(plugin.owner):
        problems += schema_differences(plugin.owner)
    return problems


def permissions_asked(plugin: LoadedPlugin) -> list[tuple[str, str]]:
    """Return `(endpoint, permission)` of every view of a plugin that asks for one."""
    asked = []
    names = {blueprint.name for blueprint in plugin.blueprints}
    for endpoint, view in current_app.view_functions.items():
        rule = access_rule_of(view)
        if endpoint.split(".")[0] in names and rule is not None and rule.kind is RuleKind.PERMISSION:
            asked.append((endpoint, rule.name))
    return asked


def schema_differences(owner: Owner) -> list[str]:
    """Return how the owner's tables in the database differ from its models."""

    def include(item: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        return owner.owns(name or "") if kind == "table" else True

    with db.engine.connect() as connection:
        options = {"include_object": include, "compare_type": False}
        context = MigrationContext.configure(connection, opts=options)
        return [
            f"models and migrations differ: {change!r:.200}"
            for change in compare_metadata(context, Base.metadata)
        ]
