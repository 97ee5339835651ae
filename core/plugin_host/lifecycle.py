"""Enabling, disabling and uninstalling plugins: the only code that changes plugin state.

Each verb opens its own transaction, because migrations run between the check and the change.
"""

from sqlalchemy import delete, select

from core.accounts.models import Role
from core.accounts.services import ensure_builtin_roles
from core.activity.services import record_audit
from core.db import db, transaction, utcnow
from core.errors import Conflict, NotFound, PluginError
from core.i18n import _
from core.jobs.services import delete_jobs_of
from core.plugin_host.dependencies import dependents
from core.plugin_host.guards import call_own_life
from core.plugin_host.host import Kaiin, current_host
from core.plugin_host.loader import LoadedPlugin, new_manager, owner_of
from core.plugin_host.models import PluginState, SiteState
from core.plugin_host.schema_version import CORE, is_current
from core.plugin_host.snapshot import build_snapshot, use_current_snapshot
from core.settings.services import bump_version


def enable(name: str, *, by: int | None = None) -> None:
    """Enable a plugin in every process from its next request on.

    Checks what it needs, brings its tables up to date, asks the plugin, tries a snapshot with
    it, and only then changes its state. Raises NotFound or PluginError; it then stays disabled.
    """
    host = current_host()
    plugin = _loaded(host, name)
    active = use_current_snapshot().active
    missing = [n for n in plugin.manifest.requires_plugins if n not in active]
    if missing:
        raise PluginError(name, _("Enable %(names)s first; this plugin needs it.", names=", ".join(missing)))
    _migrate(plugin)
    with transaction():
        state = db.session.get(PluginState, name) or PluginState(name=name, settings={})
        db.session.add(state)
        state.is_enabled = True
        state.has_tables = plugin.schema_head is not None
        state.version = plugin.manifest.version
        state.enabled_at = utcnow()
        state.error_count, state.last_error, state.last_error_at = 0, "", None
        db.session.flush()
        _call_life(plugin, "plugin_enabled")
        build_snapshot(host, also_enabled=name)
        bump_version()
        record_audit("plugin.enabled", by=by, data={"plugin": name})
    use_current_snapshot()


def disable(name: str, *, by: int | None = None) -> None:
    """Disable a plugin and keep all its data. Raise Conflict while another enabled one needs it.

    Works without importing the plugin, so that a broken one can be switched off.
    """
    host = current_host()
    with transaction():
        state = db.session.get(PluginState, name)
        if state is None or not state.is_enabled:
            raise NotFound(_("The plugin “%(name)s” is not enabled.", name=name))
        needed_by = dependents(name, host.plugins.manifests, _enabled_names())
        if needed_by:
            raise Conflict(_("Disable %(names)s first; it needs this plugin.", names=", ".join(needed_by)))
        plugin = host.plugins.loaded.get(name)
        if plugin is not None and name in use_current_snapshot().active:
            _call_life(plugin, "plugin_disabled")
        state.is_enabled = False
        bump_version()
        record_audit("plugin.disabled", by=by, data={"plugin": name})
    use_current_snapshot()


def uninstall(name: str, *, confirm: str, by: int | None = None) -> None:
    """Delete a disabled plugin's tables, settings and grants for good.

    `confirm` must be the plugin's name, typed by the owner. The code stays installed until it
    is removed from disk. Raises Conflict while enabled, PluginError when the plugin refuses.
    """
    host = current_host()
    state = db.session.get(PluginState, name)
    if state is None:
        raise NotFound(_("The plugin “%(name)s” keeps no data.", name=name))
    if state.is_enabled:
        raise Conflict(_("Disable the plugin before you uninstall it."))
    if confirm != name:
        raise Conflict(_("Type the plugin's name exactly to confirm."))
    manifest = host.plugins.manifests.get(name)
    plugin = host.plugins.loaded.get(name)
    has_tables = state.has_tables
    if has_tables and (manifest is None or plugin is None):
        raise PluginError(name, _("The plugin cannot be loaded, so its tables cannot be removed cleanly."))
    with transaction():
        if plugin is not None:
            _call_life(plugin, "plugin_uninstalling")
        _forget_grants(name)
        delete_jobs_of(name)
    if manifest is not None and has_tables:
        from core.plugin_host import migrations

        migrations.downgrade(owner_of(manifest))
        migrations.drop_tables(owner_of(manifest))
    # Last, so that an uninstall that broke off can be repeated.
    with transaction():
        db.session.execute(delete(PluginState).where(PluginState.name == name))
        bump_version()
        record_audit("plugin.uninstalled", by=by, data={"plugin": name})
    use_current_snapshot()


def upgrade_all() -> list[str]:
    """Bring core and every plugin that was ever enabled up to date; return what was migrated."""
    from core.plugin_host import migrations

    done = []
    if not is_current(CORE):
        migrations.upgrade(CORE)
        done.append("core")
    _ensure_site_state()
    names = set(db.session.execute(select(PluginState.name)).scalars())
    for name, plugin in current_host().plugins.loaded.items():
        if name in names and not is_current(plugin.owner):
            migrations.upgrade(plugin.owner)
            done.append(name)
    if done:
        with transaction():
            bump_version()
    return done


def _ensure_site_state() -> None:
    with transaction():
        if db.session.get(SiteState, 1) is None:
            db.session.add(SiteState(id=1, version=1, settings={}))
            ensure_builtin_roles()


def _loaded(host: Kaiin, name: str) -> LoadedPlugin:
    plugin = host.plugins.loaded.get(name)
    if plugin is not None:
        return plugin
    failure = host.plugins.failures.get(name)
    if failure is not None:
        raise PluginError(name, failure.message)
    raise NotFound(_("There is no plugin “%(name)s”.", name=name))


def _migrate(plugin: LoadedPlugin) -> None:
    if plugin.schema_head is None:
        return
    from core.plugin_host import migrations

    try:
        migrations.upgrade(plugin.owner)
    except Exception as error:
        current_host().errors.record(plugin.name, "migrations", error)
        message = _(
            "Its tables could not be made (%(error)s); it stays disabled.", error=type(error).__name__
        )
        raise PluginError(plugin.name, message) from error


def _call_life(plugin: LoadedPlugin, hook: str) -> None:
    manager = new_manager([plugin.hookspecs])
    manager.register(plugin.hooks, plugin.name)
    call_own_life(getattr(manager.hook, hook).get_hookimpls(), plugin.name)


def _enabled_names() -> list[str]:
    return list(db.session.execute(select(PluginState.name).where(PluginState.is_enabled)).scalars())


def _forget_grants(name: str) -> None:
    for role in db.session.execute(select(Role)).scalars():
        kept = [p for p in role.permissions if not str(p).startswith(f"{name}.")]
        if kept != role.permissions:
            role.permissions = kept
