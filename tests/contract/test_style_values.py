"""A style sheet uses only values that are there: `var()` of an unknown name silently does nothing."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
USED = re.compile(r"var\(\s*(--[\w-]+)\s*\)")
MADE = re.compile(r"(?<![\w-])(--[\w-]+)\s*:")
VENDOR = ROOT / "core" / "static" / "vendor"


def sheets(*folders):
    found = [file for folder in folders for file in sorted(ROOT.glob(f"{folder}/**/*.css"))]
    return [file for file in found if not file.is_relative_to(VENDOR) and "node_modules" not in file.parts]


def names(pattern, files):
    return {name for file in files for name in pattern.findall(file.read_text())}


@pytest.mark.parametrize(
    "theme", sorted(folder.name for folder in (ROOT / "themes").iterdir() if folder.is_dir())
)
def test_a_theme_has_all_values_that_it_uses(theme):
    own = sheets(f"themes/{theme}/static")
    assert own
    assert names(USED, own) <= names(MADE, own)


def test_the_admin_and_plugins_use_no_value_that_nobody_has():
    files = sheets("core/static", "plugins/*/static")
    made = names(MADE, [*files, *sheets("themes/*/static"), *VENDOR.glob("**/*.css")])
    assert names(USED, files) - made == set()
