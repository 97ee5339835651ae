"""Version ranges, required plugins, cycles, and the order that follows from them."""

from collections.abc import Collection, Mapping

from packaging.specifiers import SpecifierSet

from core import __version__
from core.i18n import _
from core.plugin_host.manifest import Manifest


def fits(version: str, version_range: str) -> bool:
    """Tell whether a version lies in a range; an empty range fits all, pre-releases included."""
    return SpecifierSet(version_range).contains(version, prereleases=True)


def problem_of(manifest: Manifest, installed: Mapping[str, Manifest]) -> str | None:
    """Return why the installed set cannot run this plugin, or None."""
    if not fits(__version__, manifest.requires_core):
        return _(
            "It needs Kaiin %(range)s; this is %(version)s.",
            range=manifest.requires_core,
            version=__version__,
        )
    for name, wanted in manifest.requires_plugins.items():
        other = installed.get(name)
        if other is None:
            return _("It needs the plugin “%(name)s”, which is not installed.", name=name)
        if not fits(other.version, wanted):
            return _(
                "It needs the plugin “%(name)s” %(range)s; installed is %(version)s.",
                name=name,
                range=wanted,
                version=other.version,
            )
    return None


def in_order(manifests: Mapping[str, Manifest]) -> tuple[list[str], set[str]]:
    """Return the names so that a plugin comes after what it needs, and those that form a cycle.

    Equal on every machine: ties are broken by name.
    """
    order: list[str] = []
    left = dict(sorted(manifests.items()))
    while left:
        ready = [n for n, m in left.items() if not (set(m.requires_plugins) & set(left))]
        if not ready:
            return order, set(left)
        for name in ready:
            order.append(name)
            del left[name]
    return order, set()


def dependents(name: str, manifests: Mapping[str, Manifest], among: Collection[str]) -> list[str]:
    """Return who of `among` needs `name`, directly."""
    return sorted(n for n in among if n in manifests and name in manifests[n].requires_plugins)
