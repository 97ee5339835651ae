"""Where a template comes from."""

import os
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound

from core.theming.loader import full_name
from core.theming.rendering import render_site_fragment, site_engine

pytestmark = pytest.mark.usefixtures("app")


def get(theme: str, name: str) -> str:
    return site_engine().environment.get_template(full_name(theme, name)).render()


def file_of(theme: str, name: str) -> str:
    return str(site_engine().environment.get_template(full_name(theme, name)).filename)


def test_the_active_theme_comes_before_the_default_one_and_before_core(write_theme, use_theme) -> None:
    write_theme(templates={"site/_gate.html": "from the theme"})
    assert get("made", "site/_gate.html") == "from the theme"
    assert file_of("made", "site/account.html").endswith("themes/default/templates/site/account.html")
    assert file_of("made", "site/_logout_button.html").endswith("core/templates/site/_logout_button.html")
    assert file_of("made", "owner:site/account.html").endswith("core/templates/site/account.html")
    assert file_of("made", "default:site/_gate.html").endswith("themes/default/templates/site/_gate.html")


def test_a_theme_can_build_on_what_it_overrides(write_theme, use_theme) -> None:
    write_theme(templates={"site/_login_link.html": '<b>{% include "owner:site/_login_link.html" %}</b>'})
    use_theme("made")
    html = render_site_fragment("site/_login_link.html", url="/login", text="入る")
    assert html.strip() == '<b><a class="login-link" href="/login">入る</a></b>'


def test_a_plugins_template_is_overridden_by_the_active_theme_only(write_theme, themes_folder) -> None:
    write_theme(templates={"contact_forms/form.html": "themed form"})
    assert get("made", "contact_forms/form.html") == "themed form"
    assert "plugins/contact_forms/templates" in file_of("default", "contact_forms/form.html")


@pytest.mark.parametrize(
    "name",
    [
        "admin/base.html",
        "contact_forms/admin/inbox.html",
        "site/../../../secret.html",
        "../secret.html",
        "/etc/passwd",
        "site//page.html",
        "site/.hidden.html",
        "site\\page.html",
        "page.html",
        "unknown_plugin/x.html",
        "site/page.html\0",
        "",
        "x|y|site/page.html",
    ],
)
def test_a_name_outside_the_rules_finds_nothing(name: str, write_theme, themes_folder: Path) -> None:
    folder = write_theme(templates={"admin/base.html": "stolen", "contact_forms/admin/inbox.html": "stolen"})
    (themes_folder / "secret.html").write_text("secret")
    (folder / "templates" / "site").mkdir()
    (folder / "templates" / "site" / ".hidden.html").write_text("hidden")
    with pytest.raises(TemplateNotFound):
        get("made", name)


def test_a_link_that_leads_out_of_the_theme_counts_as_absent(write_theme, tmp_path: Path) -> None:
    folder = write_theme(templates={"site/keep.html": ""})
    (tmp_path / "outside.html").write_text("outside")
    os.symlink(tmp_path / "outside.html", folder / "templates" / "site" / "link.html")
    with pytest.raises(TemplateNotFound):
        get("made", "site/link.html")


def test_an_edited_file_and_a_new_override_act_at_once(write_theme) -> None:
    write_theme(templates={"site/a.html": "one"})
    assert get("made", "site/a.html") == "one"
    folder = write_theme(templates={"site/a.html": "two, and longer"})
    os.utime(folder / "templates" / "site" / "a.html", ns=(1, 1))
    assert get("made", "site/a.html") == "two, and longer"
    assert "core/templates" in file_of("made", "site/_logout_button.html")
    write_theme(templates={"site/_logout_button.html": "mine"})
    assert get("made", "site/_logout_button.html") == "mine"
