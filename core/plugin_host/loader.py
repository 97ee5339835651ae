"""Imports plugins and checks what they bring, before anything of theirs touches the app."""

import importlib
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import click
import pluggy
from flask import Blueprint, Flask

from core import hookspecs
from core.db_base import Base
from core.errors import PluginError
from core.plugin_host.dependencies import in_order, problem_of
from core.plugin_host.discovery import Found
from core.plugin_host.manifest import Manifest
from core.plugin_host.schema_version import Owner, head
from core.security.access import access_rule_of
from core.url_rules import UrlRule

PROJECT = "kaiin"
# Registries of a Flask app that a blueprint can reach into; the key None is the app itself.
_APP_LEVEL = (
    "before_request_funcs",
    "after_request_funcs",
    "teardown_request_funcs",
    "template_context_processors",
    "url_value_preprocessors",
    "url_default_functions",
    "error_handler_spec",
)


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """An imported and checked plugin."""

    manifest: Manifest
    hooks: ModuleType
    hookspecs: ModuleType | None = None
    blueprints: tuple[Blueprint, ...] = ()
    commands: tuple[click.Command, ...] = ()
    schema_head: str | None = None

    @property
    def name(self) -> str:
        """Return the plugin's name."""
        return self.manifest.name

    @property
    def owner(self) -> Owner:
        """Return whose tables the migrations of this plugin make."""
        return owner_of(self.manifest)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a plugin could not be loaded; `detail` is the traceback, for the admin screen."""

    plugin: str
    message: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LoadResult:
    """All installed plugins: loaded ones in dependency order, and what failed."""

    manifests: Mapping[str, Manifest]
    loaded: Mapping[str, LoadedPlugin]
    failures: Mapping[str, Failure] = field(default_factory=dict)


def owner_of(manifest: Manifest) -> Owner:
    """Return the migration owner of a plugin."""
    return Owner(manifest.name, manifest.folder / "migrations" / "versions")


def load_plugins(found: Iterable[Found]) -> LoadResult:
    """Import every plugin that can run here; a broken one is noted and skipped."""
    found = list(found)
    manifests = {f.name: f.manifest for f in found if f.manifest is not None}
    failures = {f.name: Failure(f.name, f.problem) for f in found if f.manifest is None}
    loaded: dict[str, LoadedPlugin] = {}
    order, cycle = in_order({n: _only_known(m, manifests) for n, m in manifests.items()})
    for name in cycle:
        failures[name] = Failure(name, f"plugins need each other in a circle: {', '.join(sorted(cycle))}")
    prefixes: dict[str, str] = {}
    for name in order:
        try:
            loaded[name] = _load(manifests[name], manifests, loaded, failures, prefixes)
        except PluginError as error:
            failures[name] = Failure(name, str(error), _cause(error))
    return LoadResult(manifests, loaded, failures)


def _only_known(manifest: Manifest, manifests: Mapping[str, Manifest]) -> Manifest:
    known = {n: r for n, r in manifest.requires_plugins.items() if n in manifests}
    return Manifest(**{**{f: getattr(manifest, f) for f in manifest.__slots__}, "requires_plugins": known})


def _cause(error: PluginError) -> str:
    cause = error.__cause__
    return "".join(traceback.format_exception(cause)) if cause is not None else ""


def _load(
    manifest: Manifest,
    manifests: Mapping[str, Manifest],
    loaded: Mapping[str, LoadedPlugin],
    failures: Mapping[str, Failure],
    prefixes: dict[str, str],
) -> LoadedPlugin:
    name = manifest.name
    problem = problem_of(manifest, manifests)
    if problem is not None:
        raise PluginError(name, problem)
    broken = sorted(set(manifest.requires_plugins) & set(failures))
    if broken:
        raise PluginError(name, f"it needs {', '.join(broken)}, which could not be loaded")
    hooks, offered = _import(manifest)
    _check_tables(manifest)
    _check_hooks(manifest, hooks, offered, loaded)
    blueprints = tuple(_declared(name, hooks, "register_blueprints", Blueprint))
    for blueprint in blueprints:
        check_blueprint(name, blueprint)
    if blueprints:
        taken = prefixes.setdefault(manifest.url_prefix, name)
        if taken != name:
            raise PluginError(name, f"the plugin {taken} already uses the address /{manifest.url_prefix}")
    commands = tuple(_declared(name, hooks, "register_commands", click.Command))
    return LoadedPlugin(manifest, hooks, offered, blueprints, commands, head(owner_of(manifest)))


def _import(manifest: Manifest) -> tuple[ModuleType, ModuleType | None]:
    tables = set(Base.metadata.tables)
    try:
        _import_if_present(manifest, "models")
        offered = _import_if_present(manifest, "hookspecs")
        hooks = importlib.import_module(f"{manifest.package}.hooks")
    # SystemExit and friends at import are as broken as any other error.
    except BaseException as error:
        _forget_tables(set(Base.metadata.tables) - tables)
        message = f"{type(error).__name__} while it was imported: {error}"
        raise PluginError(manifest.name, message) from error
    foreign = {t for t in set(Base.metadata.tables) - tables if not t.startswith(f"{manifest.name}_")}
    if foreign:
        _forget_tables(foreign)
        raise PluginError(manifest.name, _wrong_tables(manifest, foreign))
    return hooks, offered


def _import_if_present(manifest: Manifest, module: str) -> ModuleType | None:
    if not (manifest.folder / f"{module}.py").is_file():
        return None
    return importlib.import_module(f"{manifest.package}.{module}")


def _forget_tables(names: Iterable[str]) -> None:
    for name in names:
        Base.metadata.remove(Base.metadata.tables[name])


def _check_tables(manifest: Manifest) -> None:
    wrong = {
        mapper.local_table.name  # type: ignore[attr-defined]
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith(f"{manifest.package}.")
        and not mapper.local_table.name.startswith(f"{manifest.name}_")  # type: ignore[attr-defined]
    }
    if wrong:
        raise PluginError(manifest.name, _wrong_tables(manifest, wrong))


def _wrong_tables(manifest: Manifest, names: Iterable[str]) -> str:
    return f"the names of its tables must begin with {manifest.name}_: {', '.join(sorted(names))}"


def new_manager(offered: Iterable[ModuleType | None] = ()) -> pluggy.PluginManager:
    """Return a pluggy manager that knows core's hooks and those that plugins offer."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    for module in offered:
        if module is not None:
            manager.add_hookspecs(module)
    return manager


def _check_hooks(
    manifest: Manifest,
    hooks: ModuleType,
    offered: ModuleType | None,
    loaded: Mapping[str, LoadedPlugin],
) -> None:
    needed = [loaded[n].hookspecs for n in manifest.requires_plugins if n in loaded]
    try:
        manager = new_manager([offered, *needed])
        manager.register(hooks, manifest.name)
        manager.check_pending()
    except (pluggy.PluginValidationError, ValueError) as error:
        raise PluginError(manifest.name, f"its hooks are not valid: {error}") from error


def _declared(plugin: str, hooks: ModuleType, hook: str, kind: type) -> Sequence[Any]:
    function = getattr(hooks, hook, None)
    if function is None:
        return ()
    try:
        items = list(function())
    except BaseException as error:
        raise PluginError(plugin, f"{hook} failed: {type(error).__name__}: {error}") from error
    if not all(isinstance(item, kind) for item in items):
        raise PluginError(plugin, f"{hook} must return a list of {kind.__name__} objects")
    return items


def check_blueprint(plugin: str, blueprint: Blueprint) -> None:
    """Refuse what a plugin's blueprint must not bring, by registering it on a scratch app."""
    if blueprint.name not in (plugin, f"{plugin}_admin"):
        raise PluginError(
            plugin, f"blueprints must be named {plugin} or {plugin}_admin, not {blueprint.name}"
        )
    if blueprint.template_folder or blueprint.static_folder:
        raise PluginError(plugin, "blueprints must not set template_folder or static_folder")
    if blueprint.url_prefix or blueprint.subdomain:
        raise PluginError(plugin, "blueprints must not set url_prefix or subdomain: plugin.toml does")
    scratch = Flask(plugin, static_folder=None)
    scratch.url_rule_class = UrlRule
    before = _app_level(scratch)
    try:
        scratch.register_blueprint(blueprint, url_prefix="/x")
    except BaseException as error:
        raise PluginError(plugin, f"its blueprint cannot be registered: {error}") from error
    if _app_level(scratch) != before:
        raise PluginError(plugin, "blueprints must not install app-level handlers, filters or globals")
    for rule in scratch.url_map.iter_rules():
        if not rule.endpoint.startswith(f"{blueprint.name}.") or not rule.rule.startswith("/x"):
            raise PluginError(plugin, f"the route {rule.rule} does not belong to the blueprint")
        if access_rule_of(scratch.view_functions[rule.endpoint]) is None:
            raise PluginError(plugin, f"the view {rule.endpoint} has no access rule")


def _app_level(app: Flask) -> list[Any]:
    registries: list[Any] = []
    for name in _APP_LEVEL:
        own = getattr(app, name).get(None) or ()
        registries.append([repr(item) for item in own])
    registries.append(sorted(app.jinja_env.filters))
    registries.append(sorted(app.jinja_env.globals))
    registries.append(sorted(app.jinja_env.tests))
    registries.append(len(app.teardown_appcontext_funcs) + len(app.shell_context_processors))
    registries.append(sorted(app.cli.commands))
    return registries
