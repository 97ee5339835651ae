"""Finds site templates: active theme → default theme → the owner (core, or the plugin).

The first part of a name is its owner: `site/…` is core's, `contact_forms/…` that plugin's. A
plugin's template may be overridden by the active theme only, core's by the default theme too;
`admin/` never comes from here. Inside, a name carries the theme that asks for it, so a switch
of the theme acts on the next request and compiled templates of both stay at hand.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from jinja2 import BaseLoader, Environment, TemplateNotFound

DEFAULT_THEME = "default"
NO_THEME = ""
CORE_OWNER = "site"
# A template may ask for what it overrides: `{% extends "owner:site/page.html" %}`.
LEVELS = ("default", "owner")

_NAME = re.compile(r"[a-z][a-z0-9_]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)+")

Stamp = tuple[tuple[str, int], ...]


def full_name(theme: str, name: str) -> str:
    """Return the inner name of template `name` (`site/page.html`, `owner:site/page.html`)."""
    level, colon, rest = name.partition(":")
    if colon and level in LEVELS:
        return f"{theme}|{level}|{rest}"
    return f"{theme}||{name}"


def plain_name(inner: str) -> str:
    """Return the name that people know of an inner name."""
    return inner.rpartition("|")[2]


def is_template_name(name: str) -> bool:
    """Tell whether a site template may have this name; those of the admin may not."""
    owner, _slash, rest = name.partition("/")
    return bool(_NAME.fullmatch(name)) and owner != "admin" and not rest.startswith("admin/")


def file_inside(folder: Path, name: str) -> Path | None:
    """Return the file `name` below `folder`, or None; links that lead outside count as absent."""
    path = (folder / name).resolve()
    return path if path.is_relative_to(folder.resolve()) and path.is_file() else None


class SiteLoader(BaseLoader):
    """Loads templates by inner name; `themes` and `plugins` map names to `templates/` folders."""

    def __init__(
        self,
        core_folder: Path,
        theme_folder: Callable[[str], Path | None],
        plugin_folders: Mapping[str, Path],
        check_every: float = 1.0,
    ) -> None:
        self._core_folder = core_folder
        self._theme_folder = theme_folder
        self._plugin_folders = plugin_folders
        self._check_every = check_every

    def name_beside(self, name: str, parent: str) -> str:
        """Return the inner name of what the template `parent` calls `name`."""
        return full_name(parent.partition("|")[0], name)

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """Read the first file that the chain offers; raise TemplateNotFound."""
        theme, level, name = template.split("|", 2) if template.count("|") >= 2 else ("", "", "")
        folders = list(self._chain(theme, level, name))
        for folder in folders:
            file = file_inside(folder, name)
            if file is not None:
                return file.read_text(encoding="utf-8"), str(file), self._watch(folders, name)
        raise TemplateNotFound(name or template)

    def _chain(self, theme: str, level: str, name: str) -> Iterator[Path]:
        if not is_template_name(name):
            return
        owner = name.partition("/")[0]
        yield from self._overriding(theme, level, owner)
        if owner == CORE_OWNER:
            yield self._core_folder
        elif owner in self._plugin_folders:
            yield self._plugin_folders[owner]

    def _overriding(self, theme: str, level: str, owner: str) -> Iterator[Path]:
        if theme == NO_THEME or level == "owner":
            return
        names = [theme] if level == "" else []
        if owner == CORE_OWNER:
            names.append(DEFAULT_THEME)
        for name in dict.fromkeys(names):
            folder = self._theme_folder(name)
            if folder is not None:
                yield folder / "templates"

    def _watch(self, folders: list[Path], name: str) -> Callable[[], bool]:
        # Edited files, and a file that a theme newly puts before the one in use, act at once.
        known = _stamp(folders, name)
        next_check = time.monotonic() + self._check_every

        def is_current() -> bool:
            nonlocal next_check
            now = time.monotonic()
            if now < next_check:
                return True
            next_check = now + self._check_every
            return _stamp(folders, name) == known

        return is_current


def _stamp(folders: list[Path], name: str) -> Stamp:
    stamps = []
    for folder in folders:
        try:
            stamps.append((str(folder), (folder / name).stat().st_mtime_ns))
        except OSError:
            continue
    return tuple(stamps)
