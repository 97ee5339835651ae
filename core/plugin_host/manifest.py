"""Reads `plugin.toml` as text, without importing the plugin, so that a broken one can be listed."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from core.errors import PluginError

FILE_NAME = "plugin.toml"
NAME = re.compile(r"[a-z][a-z0-9_]{1,49}")
PREFIX = re.compile(r"[a-z][a-z0-9-]{1,39}")
RESERVED_NAMES = frozenset({"core", "admin", "site", "plugins", "themes", "static", "accounts", "kaiin"})
RESERVED_PREFIXES = frozenset(
    {
        "account",
        "admin",
        "api",
        "customers",
        "companies",
        "healthz",
        "jobs",
        "language",
        "login",
        "logout",
        "mail",
        "me",
        "menus",
        "pages",
        "plugins",
        "readyz",
        "register",
        "search",
        "settings",
        "staff",
        "static",
        "themes",
    }
)
LANGUAGES = ("en", "ja")
_TEXTS = ("author", "license", "homepage", "category")
_KNOWN = frozenset(
    {
        "name",
        "title",
        "version",
        "description",
        "requires_core",
        "requires_plugins",
        "url_prefix",
        "commands_at_top",
        *_TEXTS,
    }
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a plugin says of itself. `package` is the import path, `folder` where it lies."""

    name: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    version: str
    folder: Path
    package: str
    author: str = ""
    license: str = ""
    homepage: str = ""
    category: str = "other"
    url_prefix: str = ""
    requires_core: str = ""
    requires_plugins: Mapping[str, str] = field(default_factory=dict)
    commands_at_top: tuple[str, ...] = ()

    def text(self, texts: Mapping[str, str], language: str) -> str:
        """Return a title or description in `language`, else in English."""
        return texts.get(language) or texts["en"]


def read_manifest(file: Path, package: str, name: str) -> Manifest:
    """Read and check a manifest; `name` is what the folder or entry point is called.

    Raises PluginError with a sentence that names the wrong key.
    """
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PluginError(name, f"{FILE_NAME} cannot be read: {error}") from error
    unknown = sorted(set(data) - _KNOWN)
    if unknown:
        raise PluginError(name, f"{FILE_NAME}: unknown key {', '.join(unknown)}")
    if data.get("name") != name:
        raise PluginError(name, f"{FILE_NAME}: name must be {name!r}, like the folder")
    if not NAME.fullmatch(name) or name in RESERVED_NAMES:
        raise PluginError(name, f"{FILE_NAME}: name {name!r} is not allowed")
    return Manifest(
        name=name,
        title=_translated(name, data, "title"),
        description=_translated(name, data, "description"),
        version=_version(name, data),
        folder=file.parent,
        package=package,
        url_prefix=_prefix(name, data),
        requires_core=_range(name, "requires_core", data.get("requires_core", "")),
        requires_plugins=_requirements(name, data.get("requires_plugins", {})),
        commands_at_top=tuple(map(str, data.get("commands_at_top", ()))),
        **{key: str(data.get(key, "other" if key == "category" else "")) for key in _TEXTS},
    )


def _translated(name: str, data: Mapping[str, Any], key: str) -> Mapping[str, str]:
    texts = data.get(key)
    if not isinstance(texts, dict) or not all(isinstance(texts.get(lang), str) for lang in LANGUAGES):
        raise PluginError(name, f"{FILE_NAME}: {key} needs the texts {key}.en and {key}.ja")
    return {lang: texts[lang].strip() for lang in LANGUAGES}


def _version(name: str, data: Mapping[str, Any]) -> str:
    try:
        return str(Version(str(data.get("version", ""))))
    except InvalidVersion as error:
        raise PluginError(name, f"{FILE_NAME}: version must look like 1.2.0") from error


def _prefix(name: str, data: Mapping[str, Any]) -> str:
    prefix = str(data.get("url_prefix", name.replace("_", "-")))
    if not PREFIX.fullmatch(prefix) or prefix in RESERVED_PREFIXES:
        raise PluginError(name, f"{FILE_NAME}: url_prefix {prefix!r} is not allowed")
    return prefix


def _range(name: str, key: str, text: object) -> str:
    try:
        SpecifierSet(str(text))
    except InvalidSpecifier as error:
        raise PluginError(name, f"{FILE_NAME}: {key} must be a version range like >=0.1,<1") from error
    return str(text)


def _requirements(name: str, data: object) -> Mapping[str, str]:
    if not isinstance(data, dict):
        raise PluginError(name, f"{FILE_NAME}: requires_plugins must map names to version ranges")
    return {str(k): _range(name, f"requires_plugins.{k}", v) for k, v in data.items()}
