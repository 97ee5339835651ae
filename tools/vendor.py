"""Copy the front-end files that Kaiin serves from node_modules to core/static/vendor/.

Only the standard library, so that it runs before anything is installed. The list of files is
vendor.toml, the list of icons is icons.txt; every package's licence comes along.
"""

import json
import shutil
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

TOOLS = Path(__file__).resolve().parent
ROOT = TOOLS.parent
MODULES = ROOT / "node_modules"
TARGET = ROOT / "core" / "static" / "vendor"
SVG = "http://www.w3.org/2000/svg"
LICENCE_NAMES = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "license")


def main() -> int:
    """Build the folder aside and swap it in, so that a failure leaves the old one."""
    draft = TARGET.with_name("vendor.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    packages = tomllib.loads((TOOLS / "vendor.toml").read_text(encoding="utf-8"))["package"]
    try:
        for package in packages:
            copy_package(package, draft)
        (draft / "icons.svg").write_text(sprite(icon_names()), encoding="utf-8")
    except FileNotFoundError as error:
        shutil.rmtree(draft)
        print(f"vendor: {error.filename} is missing; run `npm ci` first", file=sys.stderr)  # noqa: T201
        return 1
    shutil.rmtree(TARGET, ignore_errors=True)
    draft.rename(TARGET)
    return 0


def copy_package(package: dict[str, Any], target: Path) -> None:
    """Copy one package's named files and its licence into its folder."""
    source, folder = MODULES / package["name"], target / package["folder"]
    folder.mkdir()
    for original, name in package.get("files", {}).items():
        shutil.copyfile(source / original, folder / name)
    (folder / "LICENSE.txt").write_text(licence(source), encoding="utf-8")


def licence(source: Path) -> str:
    """Return the package's licence file, or what its package.json states when it has none."""
    about = json.loads((source / "package.json").read_text(encoding="utf-8"))
    head = f"{about['name']} {about['version']}\n"
    for name in LICENCE_NAMES:
        if (source / name).is_file():
            return head + "\n" + (source / name).read_text(encoding="utf-8")
    author = about.get("author") or "its authors"
    if isinstance(author, dict):
        author = author["name"]
    return head + f"Copyright {author}. Licence: {about['license']}. {about.get('homepage', '')}\n"


def icon_names() -> list[str]:
    """Read icons.txt."""
    lines = (TOOLS / "icons.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def sprite(names: list[str]) -> str:
    """Draw all icons as symbols of one SVG file; the stroke's width is left to the page's CSS."""
    ET.register_namespace("", SVG)
    sheet = ET.Element(f"{{{SVG}}}svg")
    for name in names:
        sheet.append(symbol(name))
    return ET.tostring(sheet, encoding="unicode") + "\n"


def symbol(name: str) -> ET.Element:
    """Turn one icon file into a <symbol>, without the empty square that every drawing starts with."""
    filled = name.startswith("filled/")
    plain = name.removeprefix("filled/")
    file = MODULES / "@tabler" / "icons" / "icons" / ("filled" if filled else "outline") / f"{plain}.svg"
    paint = {"fill": "currentColor", "stroke": "none"}
    if not filled:
        paint = {"fill": "none", "stroke": "currentColor"}
    element = ET.Element(
        f"{{{SVG}}}symbol",
        {
            "id": f"{plain}-filled" if filled else plain,
            "viewBox": "0 0 24 24",
            "stroke-linecap": "round",
            "stroke-linejoin": "round",
            **paint,
        },
    )
    for shape in ET.parse(file).getroot():  # noqa: S314 (a file of a package locked by its hash)
        if shape.get("stroke") == "none" and shape.get("fill") == "none":
            continue
        shape.tail = None
        element.append(shape)
    return element


if __name__ == "__main__":
    sys.exit(main())
