"""A site with a theme that tests write file by file."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.config import ROOT
from core.db import transaction
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_site_settings
from core.testing.fixtures import make_app, opened

MANIFEST = """
name = "{name}"
version = "1"
author = "Tests"
title = {{ en = "Made up", ja = "試し" }}
description = {{ en = "For tests.", ja = "試験用。" }}
"""

Write = Callable[..., Path]


@pytest.fixture
def themes_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "made-themes"
    folder.mkdir()
    return folder


@pytest.fixture
def app(database_url: str, tmp_path: Path, themes_folder: Path) -> Iterator[object]:
    made = make_app(tmp_path, database_url, theme_folders=(ROOT / "themes", themes_folder))
    with opened(made):
        yield made


@pytest.fixture
def write_theme(themes_folder: Path) -> Write:
    """`write_theme("made", {"site/page.html": "…"})` writes a theme and returns its folder."""

    def write(name: str = "made", templates: dict[str, str] | None = None, manifest: str = "") -> Path:
        folder = themes_folder / name
        (folder / "templates").mkdir(parents=True, exist_ok=True)
        (folder / "theme.toml").write_text(manifest or MANIFEST.format(name=name), encoding="utf-8")
        for template, source in (templates or {}).items():
            file = folder / "templates" / template
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(source, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def use_theme(app: object) -> Callable[[str], None]:
    def use(name: str) -> None:
        with transaction():
            save_site_settings({"theme": name})
        use_current_snapshot()

    return use
