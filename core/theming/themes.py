"""Listing, checking and activating themes."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

from flask import current_app, has_request_context
from jinja2 import TemplateNotFound, TemplateSyntaxError, nodes

from core.errors import NotFound, ValidationFailed
from core.i18n import _
from core.settings.services import save_site_settings
from core.theming.loader import full_name, is_template_name
from core.theming.rendering import SiteEngine, site_engine
from core.theming.theme_files import Theme
from core.theming.trial import TRIALS

__all__ = ["Theme", "activate_theme", "check_theme", "get_theme", "list_themes"]

_REFERRING = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)


def list_themes() -> list[Theme]:
    """Return all installed themes, the default one first, broken ones with their problem."""
    return site_engine().themes.read_all()


def get_theme(name: str) -> Theme:
    """Return an installed theme; raise NotFound."""
    theme = next((theme for theme in list_themes() if theme.name == name), None)
    if theme is None:
        raise NotFound(_("There is no such theme."))
    return theme


def activate_theme(name: str, *, by: int | None = None) -> Theme:
    """Make a theme the site's, at once and in every process. Needs an open transaction.

    Raises NotFound, and ValidationFailed for a theme with problems.
    """
    theme = get_theme(name)
    problems = check_theme(theme)
    if problems:
        first = _("This theme cannot be used: %(why)s", why=problems[0])
        raise ValidationFailed({"theme": "\n".join(problems)}, first)
    save_site_settings({"theme": name}, by=by)
    return theme


def check_theme(theme: Theme) -> list[str]:
    """Return what keeps a theme from being used: every template is compiled, the main ones drawn."""
    if theme.problem:
        return [theme.problem]
    engine = site_engine()
    folder = theme.folder / "templates"
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    problems = [problem for file in files for problem in _check_file(engine, theme, folder, file)]
    return problems or list(_trial(engine, theme))


def _check_file(engine: SiteEngine, theme: Theme, folder: Path, file: Path) -> Iterator[str]:
    name = file.relative_to(folder).as_posix()
    if not is_template_name(name):
        yield _("%(file)s: a theme cannot have a template of this name.", file=name)
        return
    try:
        source = file.read_text(encoding="utf-8")
        engine.environment.get_template(full_name(theme.name, name))
        yield from _missing_references(engine, theme, name, source)
    except TemplateSyntaxError as error:
        yield f"{name}:{error.lineno}: {error.message}"
    except (OSError, UnicodeDecodeError, TemplateNotFound):
        yield _("%(file)s: this file cannot be read.", file=name)


def _missing_references(engine: SiteEngine, theme: Theme, name: str, source: str) -> Iterator[str]:
    for node in engine.environment.parse(source).find_all(_REFERRING):
        wanted = node.template.value  # type: ignore[attr-defined]
        if getattr(node, "ignore_missing", False):
            continue
        try:
            engine.environment.get_template(full_name(theme.name, wanted))
        except TemplateNotFound:
            yield f"{name}:{node.lineno}: " + _("there is no template “%(name)s”.", name=wanted)
        except TemplateSyntaxError:
            continue  # said where that file is checked


def _trial(engine: SiteEngine, theme: Theme) -> Iterator[str]:
    # A command has no request to build addresses from.
    with nullcontext() if has_request_context() else current_app.test_request_context():
        for template, make_context in TRIALS:
            try:
                engine.render(theme.name, template, make_context())
            except Exception as error:
                yield f"{template}: {type(error).__name__}: {error}"
