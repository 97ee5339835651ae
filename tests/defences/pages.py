"""Pages and files that leave the site: escaping, Markdown, themes, static files, spreadsheets."""

import csv
import io
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import current_app
from jinja2 import TemplateError
from pytest import MonkeyPatch

from core import assets
from core.content import markdown, views_search
from core.exports import columns
from core.testing.exports import take_out
from core.testing.factories import make_account, make_customer
from core.theming import limits
from core.theming import rendering as site_rendering
from core.theming.sandbox import SiteEnvironment
from tests.defences.switchboard import (
    Defence,
    Site,
    answering,
    replaced,
)
from tests.journey_kit import set_site

SCRIPT = "<script>alert(1)</script>"


def formula_in_file(site: Site) -> bool:
    """Register under a name that a spreadsheet runs when the owner opens the list of customers."""
    make_customer(family_name='=HYPERLINK("https://evil.example","x")', given_name="")
    owner = site.browser(make_account("Owner"))
    file = take_out(owner, "/admin/customers/").get_data().decode("utf-8-sig")
    rows = csv.reader(io.StringIO(file))
    cells = [cell for row in rows for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    return any(cell.startswith("=") for cell in cells)


def script_in_name(site: Site) -> bool:
    """Give the site's page a name that holds a script."""
    set_site(name=SCRIPT)
    return SCRIPT in site.browser().get("/login").text


def script_in_customer(site: Site) -> bool:
    """Register under a name that runs as a script in the admin."""
    make_customer(family_name=SCRIPT, given_name="")
    return SCRIPT in site.browser(make_account("Owner")).get("/admin/customers/").text


def script_in_markdown(site: Site) -> bool:
    """Write a script into a page, past a parser that for once lets HTML through."""
    site.patch.setitem(markdown._PARSER.options, "html", True)
    return SCRIPT in markdown.render_blocks(f"Hello\n\n{SCRIPT}\n")


def html_in_markdown(site: Site) -> bool:
    """Dress a page's text up as the page around it with HTML."""
    return "<table>" in markdown.render_blocks("<table><tr><td>Log in here</td></tr></table>")


def _theme(source: str, **values: Any) -> str | None:
    environment = site_rendering.site_engine().environment
    try:
        with limits.metered():
            return environment.from_string(source).render(values)
    except TemplateError:
        return None


def climbs_out(site: Site) -> bool:
    """Reach Python's classes from a downloaded theme."""
    return "class" in (_theme("{{ ''.__class__.__mro__ }}") or "")


def calls_out(site: Site) -> bool:
    """Call a function from a downloaded theme that slipped into its values."""
    return _theme("{{ leave() }}", leave=lambda: "out") == "out"


def endless_theme(site: Site) -> bool:
    """Keep the server busy with a downloaded theme's loops."""
    loops = "{% for a in range(300) %}{% for b in range(300) %}{% endfor %}{% endfor %}done"
    return _theme(loops) == "done"


def huge_text(site: Site) -> bool:
    """Fill the server's memory with one text of a downloaded theme."""
    return _theme("{{ ('x' * 300000)|length }}") == "300000"


def huge_number(site: Site) -> bool:
    """Keep the server busy with one number of a downloaded theme."""
    return _theme("{{ (10 ** 400) % 7 }}") is not None


def code_of_a_plugin(site: Site) -> bool:
    """Read a file of a theme that is no picture, style or script."""
    _made_theme(site, "notes.toml").write_text("key = 'secret'", encoding="utf-8")
    return site.browser().get("/static/themes/made/notes.toml").status_code == 200


def link_out_of_theme(site: Site) -> bool:
    """Read the site's secret key through a link in a downloaded theme."""
    key = site.folder / "key.txt"
    key.write_text("secret", encoding="utf-8")
    os.symlink(key, _made_theme(site, "key.txt"))
    return site.browser().get("/static/themes/made/key.txt").status_code == 200


def _made_theme(site: Site, file: str) -> Path:
    static = site.folder / "themes" / "made" / "static"
    static.mkdir(parents=True)
    (static.parent / "theme.toml").write_text("", encoding="utf-8")
    configuration = replace(site.host.configuration, theme_folders=(static.parent.parent,))
    site.patch.setattr(site.host, "configuration", configuration)
    return static / file


def _site_without_escaping(patch: MonkeyPatch) -> None:
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]
    key = "kaiin_site_engine"
    kept = {key: app.extensions.pop(key)} if key in app.extensions else {}
    engine = site_rendering.site_engine()
    engine.environment.autoescape = False
    del app.extensions[key]
    app.extensions.update(kept)
    patch.setitem(app.extensions, key, engine)


def _admin_without_escaping(patch: MonkeyPatch) -> None:
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]
    patch.setitem(vars(app), "jinja_env", app.jinja_env.overlay(autoescape=False))


def floods_search(site: Site) -> bool:
    """Search a hundred times in a minute, as a guest."""
    browser = site.browser()
    return all(browser.get(f"/search?q=tea{n}").status_code == 200 for n in range(100))


DEFENCES = (
    Defence(
        "formula-guard",
        "Spreadsheets run nothing that a customer typed.",
        replaced(columns, "guard_cell", str),
        formula_in_file,
    ),
    Defence(
        "site-escaping",
        "Values in pages of the site are text.",
        _site_without_escaping,
        script_in_name,
    ),
    Defence(
        "admin-escaping",
        "Values in pages of the admin are text.",
        _admin_without_escaping,
        script_in_customer,
    ),
    Defence(
        "html-sanitiser",
        "What comes out of Markdown holds harmless tags only.",
        replaced(markdown, "_clean", str),
        script_in_markdown,
    ),
    Defence(
        "markdown-without-html",
        "HTML in a page's text is text.",
        lambda patch: patch.setitem(markdown._PARSER.options, "html", True),
        html_in_markdown,
    ),
    Defence(
        "theme-attributes",
        "Themes read what view objects offer, and nothing behind it.",
        answering(SiteEnvironment, "is_safe_attribute", True),
        climbs_out,
    ),
    Defence(
        "theme-functions",
        "Themes call the engine's functions only.",
        answering(SiteEnvironment, "is_safe_callable", True),
        calls_out,
    ),
    Defence(
        "theme-steps",
        "One page takes a bounded number of steps.",
        replaced(limits, "MAX_STEPS", 10**9),
        endless_theme,
    ),
    Defence(
        "theme-text-length",
        "Themes build texts of bounded length.",
        replaced(limits, "MAX_TEXT", 10**9),
        huge_text,
    ),
    Defence(
        "theme-number-size",
        "Themes reckon with numbers of bounded size.",
        replaced(limits, "MAX_BITS", 10**9),
        huge_number,
    ),
    Defence(
        "static-types",
        "Of themes and plugins only pictures, styles and the like are sent.",
        replaced(assets, "TYPES", {*assets.TYPES, ".toml"}),
        code_of_a_plugin,
    ),
    Defence(
        "static-links",
        "No link inside a theme or plugin leads out of its folder.",
        answering(Path, "is_relative_to", True),
        link_out_of_theme,
    ),
    Defence(
        "searches-per-network",
        "A network searches the site's pages so often a minute.",
        replaced(views_search, "PER_NETWORK", 10**9),
        floods_search,
    ),
)
