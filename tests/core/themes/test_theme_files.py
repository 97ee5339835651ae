"""The themes that come with Kaiin keep the rules of themes/README.md."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import nodes

from core.config import ROOT
from core.theming.sandbox import SiteEnvironment
from core.theming.theme_files import read_theme

THEMES = sorted(file.parent for file in (ROOT / "themes").glob("*/theme.toml"))
TEMPLATES = sorted(file for theme in THEMES for file in theme.glob("templates/**/*.html"))
GUIDE = (ROOT / "themes" / "README.md").read_text("utf-8")
SYNTAX = SiteEnvironment(functions={}, values={}, filters={})


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT / "themes"))


def _messages(file: Path) -> set[str]:
    found = set()
    for call in SYNTAX.parse(file.read_text("utf-8")).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "ngettext"):
            first = call.args[0]
            assert isinstance(first, nodes.Const), f"{_name(file)}: a message must be a plain text"
            found.add(first.value)
    return found


def _translated(*folders: Path) -> set[str]:
    found = set()
    for folder in folders:
        for file in (folder / "translations" / "ja").glob("*.po"):
            with file.open("rb") as source:
                entries = [m for m in read_po(source) if m.id and m.string]
            found |= {m.id[0] if isinstance(m.id, tuple) else m.id for m in entries}
    return found


def test_two_themes_with_titles_in_both_languages_are_installed() -> None:
    read = [read_theme(folder) for folder in THEMES]
    assert {"default", "shotengai"} <= {theme.name for theme in read}
    assert all(theme.titles["ja"] and theme.descriptions["ja"] for theme in read)


@pytest.mark.parametrize("file", TEMPLATES, ids=_name)
def test_a_template_holds_no_inline_style_or_script_and_no_raw_output(file: Path) -> None:
    text = file.read_text("utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|\|\s*safe|autoescape", text)
    assert re.search(r"<script(?![^>]*\ssrc=)", text) is None
    assert re.search(r"""(?:src|href)=["'](?:https?:)?//""", text) is None


@pytest.mark.parametrize("file", TEMPLATES, ids=_name)
def test_a_posting_form_holds_the_token(file: Path) -> None:
    for form in re.findall(r"<form\b.*?</form>", file.read_text("utf-8"), re.DOTALL):
        assert "csrf_input()" in form


@pytest.mark.parametrize("theme", THEMES, ids=_name)
def test_every_text_of_a_theme_has_its_japanese(theme: Path) -> None:
    used = set().union(*(_messages(file) for file in theme.glob("templates/**/*.html")))
    assert used - _translated(theme, ROOT / "themes" / "default", ROOT / "core") == set()


@pytest.mark.parametrize("theme", THEMES, ids=_name)
def test_a_theme_styles_every_class_that_the_guide_promises(theme: Path) -> None:
    table = GUIDE.split("## Class names that every theme styles")[1]
    promised = set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", table)) | set(
        re.findall(r'class="([a-z-]+)"', table)
    )
    assert {"panel", "stat-value", "gate-offer", "trap"} <= promised
    styled = set(re.findall(r"\.([a-z]+(?:-[a-z]+)*)", (theme / "static" / "theme.css").read_text("utf-8")))
    assert promised - styled == set()


@pytest.mark.parametrize("theme", THEMES, ids=_name)
def test_a_stylesheet_asks_no_other_host_and_finds_its_pictures(theme: Path) -> None:
    text = (theme / "static" / "theme.css").read_text("utf-8")
    for url in re.findall(r'url\("([^"]+)"\)', text):
        assert (theme / "static" / url.partition("?")[0]).is_file()
    assert "@import" not in text and "//" not in re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
