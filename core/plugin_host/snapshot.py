"""The Snapshot: everything that follows from which plugins are active, frozen.

A request, job or command uses the snapshot that it started with. A counter in the database,
changed only by code that changes state, tells every process when to build a new one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

import pluggy
from flask import g
from pluggy import HookImpl
from sqlalchemy import select
from werkzeug.exceptions import ServiceUnavailable

from core.activity.actions import AuditAction
from core.admin.registrations import MenuItem, SettingsPage
from core.content.kinds import ContentKind
from core.content.page_options import PageOption
from core.customers.fields import CustomerField
from core.db import db
from core.errors import PluginError
from core.exports.registry import Export
from core.imports.kinds.contract import ImportKind
from core.jobs.registry import Job
from core.mail.templates import MailTemplate
from core.plugin_host.host import Kaiin, current_host
from core.plugin_host.loader import LoadedPlugin, new_manager
from core.plugin_host.models import PluginState, SiteState
from core.plugin_host.schema_version import current
from core.present_g import present_g
from core.security.permissions import Permission
from core.settings.models import SiteSettings, site_settings_from
from core.theming.tags import TemplateTag

T = TypeVar("T")
CORE = "core"

# Sets of plugins whose managers are kept: making one asks every name of every module.
_MANAGERS_KEPT = 16

# hook → what it returns one of, the attribute that names it, and whether the name must begin
# with the plugin's.
_DECLARATIONS: Mapping[str, tuple[type, str, bool]] = {
    "register_permissions": (Permission, "name", True),
    "register_menu_items": (MenuItem, "endpoint", False),
    "register_template_tags": (TemplateTag, "name", False),
    "register_customer_fields": (CustomerField, "name", False),
    "register_exports": (Export, "name", False),
    "register_jobs": (Job, "name", True),
    "register_mail_templates": (MailTemplate, "name", True),
    "register_page_options": (PageOption, "name", False),
    "register_audit_actions": (AuditAction, "name", True),
    "register_content_kinds": (ContentKind, "name", False),
    "register_import_kinds": (ImportKind, "name", True),
}


@dataclass(frozen=True)
class Snapshot:
    """What is in force. Mappings go from name to thing; `owners` from (hook, name) to plugin."""

    version: int
    site: SiteSettings
    active: frozenset[str]
    manager: pluggy.PluginManager
    permissions: Mapping[str, Permission]
    menu: tuple[tuple[str, MenuItem], ...]
    tags: Mapping[str, TemplateTag]
    customer_fields: Mapping[str, CustomerField]
    exports: Mapping[str, Export]
    jobs: Mapping[str, Job]
    mail_templates: Mapping[str, MailTemplate]
    page_options: Mapping[str, PageOption]
    audit_actions: Mapping[str, AuditAction]
    settings_pages: Mapping[str, SettingsPage]
    owners: Mapping[tuple[str, str], str]
    problems: Mapping[str, str]
    unreachable: frozenset[str]
    _plugin_settings: Mapping[str, Mapping[str, Any]]
    _implementations: Mapping[str, tuple[HookImpl, ...]]
    _integrity: Mapping[str, tuple[HookImpl, ...]]
    _memo: dict[Any, Any] = field(default_factory=dict)
    content_kinds: Mapping[str, ContentKind] = field(default_factory=dict)
    import_kinds: Mapping[str, ImportKind] = field(default_factory=dict)

    @property
    def theme(self) -> str:
        """Return the name of the active theme."""
        return self.site.theme

    def is_active(self, plugin: str) -> bool:
        """Tell whether a plugin is enabled, loaded, satisfied and at its schema's head."""
        return plugin in self.active

    def settings(self, plugin: str) -> Mapping[str, Any]:
        """Return a plugin's settings: its defaults with what the owner saved."""
        page = self.settings_pages.get(plugin)
        defaults = page.defaults if page is not None else {}
        return {**defaults, **self._plugin_settings.get(plugin, {})}

    def owner_of_tag(self, name: str) -> str:
        """Return which plugin brought a tag."""
        return self.owners["register_template_tags", name]

    def implementations(self, hook: str) -> tuple[HookImpl, ...]:
        """Return the active implementations of a hook, core first, then in dependency order."""
        return self._implementations.get(hook, ())

    def integrity_implementations(self, hook: str) -> tuple[HookImpl, ...]:
        """Return those of a strict hook: also of disabled plugins that have tables."""
        return self._integrity.get(hook, ())

    def memo(self, key: Any, build: Callable[[], T]) -> T:
        """Return what `build` gave when this snapshot was first asked for `key`.

        For things made from data whose every change calls `bump_version()`.
        """
        found = self._memo.get(key)
        if found is None:
            found = self._memo[key] = build()
        return found


def current_snapshot() -> Snapshot:
    """Return the snapshot that this request, job or command started with."""
    here = present_g()
    snapshot: Snapshot | None = here.get("snapshot") if here is not None else None
    return snapshot if snapshot is not None else use_current_snapshot()


def use_current_snapshot() -> Snapshot:
    """Choose the newest snapshot for what starts now, e.g. a job; raise 503 without tables."""
    version = db.session.connection().execute(select(SiteState.version).where(SiteState.id == 1)).scalar()
    g.snapshot = snapshot_for_version(version)
    return g.snapshot


def snapshot_for_version(version: int | None) -> Snapshot:
    """Return this process's snapshot of `version`, building it when another was in force."""
    if version is None:
        raise ServiceUnavailable("The database is not set up: run `kaiin upgrade`.")
    host = current_host()
    held = host.snapshot
    if held is not None and held.version == version:
        return held
    with host.building:
        held = host.snapshot
        if held is None or held.version != version:
            held = host.snapshot = build_snapshot(host)
        return held


class _DeclarationError(PluginError):
    """A declaration hook of a plugin failed while a snapshot was built."""


def build_snapshot(host: Kaiin, *, also_enabled: str | None = None) -> Snapshot:
    """Build a snapshot from the database; `also_enabled` is tried as if it were enabled.

    A plugin whose declarations fail is left out with its dependents and named in `problems`;
    for `also_enabled` that raises PluginError instead.
    """
    state = db.session.execute(select(SiteState.version, SiteState.settings)).one()
    rows = {row.name: row for row in db.session.execute(select(PluginState)).scalars()}
    problems = {name: failure.message for name, failure in host.plugins.failures.items()}
    active = _active(host, rows, problems, also_enabled)
    while True:
        try:
            declared = _declare(host, active)
            break
        except _DeclarationError as error:
            if error.plugin in (CORE, also_enabled):
                raise
            problems[error.plugin] = str(error)
            active = _without(error.plugin, active, problems)
    with_tables = {name for name, row in rows.items() if row.has_tables}
    integrity_set = [p for n, p in host.plugins.loaded.items() if n in active or n in with_tables]
    return Snapshot(
        version=state.version,
        site=site_settings_from(state.settings),
        active=frozenset(active),
        problems=MappingProxyType(problems),
        unreachable=frozenset(with_tables - set(host.plugins.loaded)),
        _plugin_settings={name: dict(row.settings) for name, row in rows.items()},
        _implementations=_by_hook(declared.pop("manager_"), [CORE, *active]),
        _integrity=_by_hook(_manager(host, integrity_set), [CORE, *(p.name for p in integrity_set)]),
        **declared,
    )


def _active(
    host: Kaiin, rows: Mapping[str, PluginState], problems: dict[str, str], also_enabled: str | None
) -> dict[str, LoadedPlugin]:
    active: dict[str, LoadedPlugin] = {}
    for name, plugin in host.plugins.loaded.items():
        row = rows.get(name)
        if name != also_enabled and (row is None or not row.is_enabled):
            continue
        missing = [n for n in plugin.manifest.requires_plugins if n not in active]
        if missing:
            problems[name] = f"it needs {', '.join(missing)} to be active"
        elif plugin.schema_head is not None and current(plugin.owner) != plugin.schema_head:
            problems[name] = "its tables are not up to date: run `kaiin upgrade`"
        else:
            active[name] = plugin
    return active


def _without(
    name: str, active: Mapping[str, LoadedPlugin], problems: dict[str, str]
) -> dict[str, LoadedPlugin]:
    left = {n: p for n, p in active.items() if n != name}
    for other, plugin in active.items():
        if name in plugin.manifest.requires_plugins and other in left:
            problems[other] = f"it needs {name} to be active"
            left = _without(other, left, problems)
    return left


def _manager(host: Kaiin, plugins: Iterable[LoadedPlugin]) -> pluggy.PluginManager:
    chosen = list(plugins)
    names = tuple(plugin.name for plugin in chosen)
    made = host.managers.get(names)
    if made is None:
        if len(host.managers) == _MANAGERS_KEPT:
            host.managers.clear()
        made = host.managers[names] = _new_manager(host, chosen)
    return made


def _new_manager(host: Kaiin, chosen: Iterable[LoadedPlugin]) -> pluggy.PluginManager:
    manager = new_manager(plugin.hookspecs for plugin in chosen)
    # pluggy calls the last registered first; `_by_hook` turns that round.
    manager.register(host.core_hooks, CORE)
    for plugin in chosen:
        manager.register(plugin.hooks, plugin.name)
    return manager


def _by_hook(manager: pluggy.PluginManager, order: Iterable[str]) -> Mapping[str, tuple[HookImpl, ...]]:
    rank = {name: i for i, name in enumerate(order)}
    return {
        hook: tuple(sorted(caller.get_hookimpls(), key=lambda impl: rank[impl.plugin_name]))
        for hook, caller in vars(manager.hook).items()
        if not hook.startswith("_")
    }


def _declare(host: Kaiin, active: Mapping[str, LoadedPlugin]) -> dict[str, Any]:
    manager = _manager(host, active.values())
    implementations = _by_hook(manager, [CORE, *active])
    owners: dict[tuple[str, str], str] = {}
    found: dict[str, dict[str, Any]] = {hook: {} for hook in _DECLARATIONS}
    menu: list[tuple[str, MenuItem]] = []
    for hook, (kind, key, prefixed) in _DECLARATIONS.items():
        for implementation in implementations.get(hook, ()):
            for item in _call(implementation, hook, kind):
                name = getattr(item, key)
                _check_name(implementation.plugin_name, hook, name, prefixed, owners)
                if hook == "register_menu_items":
                    menu.append((implementation.plugin_name, item))
                else:
                    owners[hook, name] = implementation.plugin_name
                    found[hook][name] = item
    return {
        "manager": manager,
        "manager_": manager,
        "permissions": found["register_permissions"],
        "menu": tuple(menu),
        "tags": found["register_template_tags"],
        "customer_fields": found["register_customer_fields"],
        "exports": found["register_exports"],
        "jobs": found["register_jobs"],
        "mail_templates": found["register_mail_templates"],
        "page_options": found["register_page_options"],
        "audit_actions": found["register_audit_actions"],
        "content_kinds": found["register_content_kinds"],
        "import_kinds": found["register_import_kinds"],
        "settings_pages": _settings_pages(implementations),
        "owners": owners,
    }


def _settings_pages(implementations: Mapping[str, tuple[HookImpl, ...]]) -> dict[str, SettingsPage]:
    pages = {}
    for implementation in implementations.get("register_settings", ()):
        (pages[implementation.plugin_name],) = _call(implementation, "register_settings", SettingsPage)
    return pages


def _call(implementation: HookImpl, hook: str, kind: type) -> list[Any]:
    try:
        answer: Any = implementation.function()
        items = [answer] if kind is SettingsPage else list(answer)
    except BaseException as error:
        message = f"{hook} failed: {type(error).__name__}: {error}"
        raise _DeclarationError(implementation.plugin_name, message) from error
    if not all(isinstance(item, kind) for item in items):
        raise _DeclarationError(implementation.plugin_name, f"{hook} must return {kind.__name__} objects")
    return items


def _check_name(
    plugin: str, hook: str, name: str, prefixed: bool, owners: Mapping[tuple[str, str], str]
) -> None:
    taken = owners.get((hook, name))
    if taken is not None:
        raise _DeclarationError(plugin, f"{hook}: the name {name!r} is already used by {taken}")
    if prefixed and plugin != CORE and not name.startswith(f"{plugin}."):
        raise _DeclarationError(plugin, f"{hook}: {name!r} must begin with {plugin!r} and a dot")
