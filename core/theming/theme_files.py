"""Themes on the disk: their folders and `theme.toml`."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import KaiinError
from core.i18n import LANGUAGES, current_language
from core.theming.loader import DEFAULT_THEME

FILE_NAME = "theme.toml"
THEME_NAME = re.compile(r"[a-z][a-z0-9_]{0,49}")
_KNOWN = frozenset({"name", "title", "description", "version", "author", "colors"})
COLORS = ("paper", "ink", "accent", "tint")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class ThemeError(KaiinError):
    """A theme cannot be read or used."""


@dataclass(frozen=True, slots=True)
class Theme:
    """An installed theme; `problem` says why `theme.toml` cannot be used, else it is empty."""

    name: str
    folder: Path
    titles: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    author: str = ""
    colors: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def title(self) -> str:
        """Return the title in the viewer's language."""
        return self.titles.get(current_language()) or self.titles.get("en") or self.name

    @property
    def description(self) -> str:
        """Return the description in the viewer's language."""
        return self.descriptions.get(current_language()) or self.descriptions.get("en", "")

    @property
    def screenshot(self) -> str:
        """Return the name of the theme's picture in its `static/`, or an empty text."""
        names = ("screenshot.png", "screenshot.webp", "screenshot.svg")
        return next((n for n in names if (self.folder / "static" / n).is_file()), "")


def read_theme(folder: Path) -> Theme:
    """Read a theme's manifest; raise ThemeError with a sentence that names the wrong key."""
    try:
        data = tomllib.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ThemeError(f"{FILE_NAME} cannot be read: {error}") from error
    unknown = sorted(set(data) - _KNOWN)
    if unknown:
        raise ThemeError(f"{FILE_NAME}: unknown key {', '.join(unknown)}")
    if data.get("name") != folder.name or not THEME_NAME.fullmatch(folder.name):
        raise ThemeError(f"{FILE_NAME}: name must be {folder.name!r}, like the folder (a-z, 0-9 and _)")
    return Theme(
        name=folder.name,
        folder=folder,
        titles=_texts(data, "title"),
        descriptions=_texts(data, "description"),
        version=str(data.get("version", "")),
        author=str(data.get("author", "")),
        colors=_colors(data.get("colors")),
    )


def _colors(declared: Any) -> Mapping[str, str]:
    """Return the colours that a picture of the theme is drawn with, all of them or none."""
    if declared is None:
        return {}
    if not isinstance(declared, dict) or set(declared) != set(COLORS):
        raise ThemeError(f"{FILE_NAME}: colors needs {', '.join(COLORS)} and nothing else")
    wrong = [name for name, value in declared.items() if not _COLOR.fullmatch(str(value))]
    if wrong:
        raise ThemeError(f"{FILE_NAME}: colors.{wrong[0]} must look like #1f5d4f")
    return {name: str(value) for name, value in declared.items()}


def _texts(data: Mapping[str, Any], key: str) -> Mapping[str, str]:
    texts = data.get(key)
    if not isinstance(texts, dict) or not all(isinstance(texts.get(code), str) for code in LANGUAGES):
        raise ThemeError(f"{FILE_NAME}: {key} needs the texts {key}.en and {key}.ja")
    return {code: texts[code].strip() for code in LANGUAGES}


class ThemeFolders:
    """The folders that hold themes; an earlier one wins where two hold the same name."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self._roots = tuple(roots)

    def folder_of(self, name: str) -> Path | None:
        """Return the folder of an installed theme, or None."""
        if not THEME_NAME.fullmatch(name):
            return None
        folders = (root / name for root in self._roots)
        return next((folder for folder in folders if (folder / FILE_NAME).is_file()), None)

    def names(self) -> list[str]:
        """Return the names of all installed themes, the default one first."""
        found = {file.parent.name for root in self._roots for file in root.glob(f"*/{FILE_NAME}")}
        valid = {name for name in found if THEME_NAME.fullmatch(name)}
        return sorted(valid, key=lambda name: (name != DEFAULT_THEME, name))

    def read_all(self) -> list[Theme]:
        """Return all installed themes, broken ones with their problem."""
        return [self._read(name) for name in self.names()]

    def _read(self, name: str) -> Theme:
        folder = self.folder_of(name)
        assert folder is not None
        try:
            return read_theme(folder)
        except ThemeError as error:
            return Theme(name=name, folder=folder, problem=str(error))
