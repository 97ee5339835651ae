"""Finds installed plugins: folders with a plugin.toml, and packages of the entry-point group."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

import plugins
from core.errors import PluginError
from core.plugin_host.manifest import FILE_NAME, Manifest, read_manifest

ENTRY_POINT_GROUP = "kaiin.plugins"


@dataclass(frozen=True, slots=True)
class Found:
    """An installed plugin: its manifest, or why that could not be read."""

    name: str
    manifest: Manifest | None
    problem: str = ""


def discover(folders: Iterable[Path]) -> list[Found]:
    """Return all installed plugins sorted by name; of two with one name, none is loaded."""
    found: dict[str, Found] = {}
    for item in [*_in_folders(folders), *_in_packages()]:
        if item.name in found:
            found[item.name] = Found(item.name, None, "two installed plugins have this name")
        else:
            found[item.name] = item
    return [found[name] for name in sorted(found)]


def _in_folders(folders: Iterable[Path]) -> Iterator[Found]:
    for folder in folders:
        if not folder.is_dir():
            continue
        # Every folder of plugins is part of the package `plugins`, wherever it lies.
        if str(folder) not in plugins.__path__:
            plugins.__path__.append(str(folder))
        for file in sorted(folder.glob(f"*/{FILE_NAME}")):
            yield _read(file, f"plugins.{file.parent.name}", file.parent.name)


def _in_packages() -> Iterator[Found]:
    for point in metadata.entry_points(group=ENTRY_POINT_GROUP):
        spec = util.find_spec(point.module)
        places = list(spec.submodule_search_locations or ()) if spec is not None else []
        if not places:
            yield Found(point.name, None, f"the package {point.module} cannot be found")
            continue
        yield _read(Path(places[0]) / FILE_NAME, point.module, point.name)


def _read(file: Path, package: str, name: str) -> Found:
    try:
        return Found(name, read_manifest(file, package, name))
    except PluginError as error:
        return Found(name, None, str(error))
