"""What the admin's plugin screen and the command line show."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from core.db import db
from core.errors import NotFound
from core.i18n import _, current_language, ngettext
from core.plugin_host.dependencies import dependents
from core.plugin_host.guards import call_plugin
from core.plugin_host.host import Kaiin, current_host
from core.plugin_host.manifest import Manifest
from core.plugin_host.models import PluginState
from core.plugin_host.snapshot import Snapshot, current_snapshot


@dataclass(frozen=True, slots=True)
class PluginView:
    """One line of the plugins screen.

    `state` is active, disabled, needs_upgrade, failed (it cannot be loaded) or blocked (it is
    enabled but something it needs is missing).
    """

    name: str
    title: str
    description: str
    version: str
    author: str
    license: str
    homepage: str
    category: str
    state: str
    problem: str
    detail: str
    adds: tuple[str, ...]
    requires: tuple[str, ...]
    needed_by: tuple[str, ...]
    errors: int
    last_error: str
    last_error_at: dt.datetime | None
    has_settings: bool
    keeps_data: bool

    @property
    def is_enabled(self) -> bool:
        """Whether the owner switched it on, working or not."""
        return self.state in ("active", "blocked", "needs_upgrade")


def list_plugins() -> list[PluginView]:
    """Return all installed plugins, and those that only left data, sorted by title."""
    host, snapshot = current_host(), current_snapshot()
    rows = {row.name: row for row in db.session.execute(select(PluginState)).scalars()}
    names = set(host.plugins.manifests) | set(host.plugins.failures) | set(rows)
    views = [_view(name, host, snapshot, rows) for name in names]
    return sorted(views, key=lambda v: (v.title, v.name))


def get_plugin(name: str) -> PluginView:
    """Return one plugin's line; raise NotFound."""
    for view in list_plugins():
        if view.name == name:
            return view
    raise NotFound(_("There is no plugin “%(name)s”.", name=name))


def _view(name: str, host: Kaiin, snapshot: Snapshot, rows: Mapping[str, PluginState]) -> PluginView:
    manifest = host.plugins.manifests.get(name)
    failure = host.plugins.failures.get(name)
    row = rows.get(name)
    enabled = [n for n, r in rows.items() if r.is_enabled]
    language = current_language()
    return PluginView(
        name=name,
        title=manifest.text(manifest.title, language) if manifest else name,
        description=manifest.text(manifest.description, language) if manifest else "",
        version=manifest.version if manifest else (row.version if row else ""),
        author=manifest.author if manifest else "",
        license=manifest.license if manifest else "",
        homepage=manifest.homepage if manifest else "",
        category=manifest.category if manifest else "other",
        state=_state(name, host, snapshot, row),
        problem=_problem(name, manifest, host, snapshot),
        detail=failure.detail if failure else "",
        adds=_adds(name, snapshot),
        requires=tuple(_requirements(manifest)),
        needed_by=tuple(dependents(name, host.plugins.manifests, enabled)),
        errors=row.error_count if row else 0,
        last_error=row.last_error if row else "",
        last_error_at=row.last_error_at if row else None,
        has_settings=name in snapshot.settings_pages,
        keeps_data=row is not None,
    )


def _state(name: str, host: Kaiin, snapshot: Snapshot, row: PluginState | None) -> str:
    if snapshot.is_active(name):
        return "active"
    if name not in host.plugins.loaded:
        return "failed"
    if row is None or not row.is_enabled:
        return "disabled"
    return "needs_upgrade" if "kaiin upgrade" in snapshot.problems.get(name, "") else "blocked"


def _problem(name: str, manifest: Manifest | None, host: Kaiin, snapshot: Snapshot) -> str:
    if name in snapshot.problems:
        return snapshot.problems[name]
    if name not in host.plugins.loaded:
        if host.configuration.safe_mode:
            return _("Kaiin runs in safe mode: no plugin is loaded.")
        return _("Its folder is missing.") if manifest is None else ""
    assert manifest is not None
    missing = [n for n in manifest.requires_plugins if not snapshot.is_active(n)]
    return _("Enable %(names)s first; this plugin needs it.", names=", ".join(missing)) if missing else ""


def _requirements(manifest: Manifest | None) -> list[str]:
    if manifest is None:
        return []
    core = [f"Kaiin {manifest.requires_core}"] if manifest.requires_core else []
    return core + [f"{n} {r}".strip() for n, r in manifest.requires_plugins.items()]


def _adds(name: str, snapshot: Snapshot) -> tuple[str, ...]:
    counts = (
        (sum(owner == name for owner, _item in snapshot.menu), "%(num)s screen", "%(num)s screens"),
        (_owned(snapshot, "register_template_tags", name), "%(num)s tag", "%(num)s tags"),
        (_owned(snapshot, "register_customer_fields", name), "%(num)s field", "%(num)s fields"),
        (_owned(snapshot, "register_exports", name), "%(num)s export", "%(num)s exports"),
        (_owned(snapshot, "register_jobs", name), "%(num)s job", "%(num)s jobs"),
    )
    return tuple(ngettext(one, many, n) for n, one, many in counts if n)


def _owned(snapshot: Snapshot, hook: str, name: str) -> int:
    return sum(1 for (of, _item), owner in snapshot.owners.items() if of == hook and owner == name)


def consequences(name: str) -> list[str]:
    """Return, in sentences with numbers, what disabling the plugin will do."""
    snapshot = current_snapshot()
    said: list[str] = []
    for implementation in snapshot.implementations("disable_consequences"):
        if implementation.plugin_name == name:
            said += [str(line) for line in call_plugin(name, implementation.function, default=())]
    return [*said, *_pages_with_tags(name, snapshot), *_what_goes(name, snapshot)]


def _pages_with_tags(name: str, snapshot: Snapshot) -> list[str]:
    from core.content.models import Page

    tags = [tag for tag in snapshot.tags if snapshot.owner_of_tag(tag) == name]
    if not tags:
        return []
    uses = [Page.body.contains(f"[{tag}", autoescape=True) for tag in tags]
    query = select(func.count()).select_from(Page).where(or_(*uses))
    n = db.session.execute(query).scalar_one()
    one = "On %(num)s page its tags show nothing, and what they enclose is hidden."
    many = "On %(num)s pages its tags show nothing, and what they enclose is hidden."
    return [ngettext(one, many, n)] if n else []


def _what_goes(name: str, snapshot: Snapshot) -> list[str]:
    adds = _adds(name, snapshot)
    if not adds:
        return []
    comma = "、" if current_language() == "ja" else ", "
    return [
        _("Gone until you enable it again: %(things)s.", things=comma.join(adds)),
        _("All its data, settings and grants are kept."),
    ]
