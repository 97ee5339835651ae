"""Draws mails: subject, text and HTML in the recipient's language, from plain values only."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from jinja2 import Environment, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from core.formats import format_date, format_datetime, format_money, format_number
from core.i18n import current_language, gettext, in_language, ngettext
from core.mail.templates import MailTemplate
from core.plugin_host.host import current_host
from core.plugin_host.snapshot import current_snapshot

MAX_SUBJECT = 200
_KEY = "kaiin_mail_environment"
_PLAIN = (str, int, float, bool, dt.date, type(None))
_EMPTY_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class MailText:
    """A mail in words."""

    subject: str
    text: str
    html: str


def render_mail(template: MailTemplate, values: Mapping[str, Any], language: str) -> MailText:
    """Return the mail in `language`; raise TypeError for values that are not plain.

    Line breaks in the subject become spaces, so that no value can add a header.
    """
    missing = sorted(set(template.fields) - set(values))
    if missing:
        raise ValueError(f"mail template {template.name!r} needs {', '.join(missing)}")
    for name, value in values.items():
        _require_plain(name, value)
    environment = _environment()
    with in_language(language):
        context = {**values, "site": _site(), "language": current_language()}
        parts = [
            environment.get_template(template.template + ending).render(context)
            for ending in (".subject.txt", ".txt", ".html")
        ]
    return MailText(
        one_line(parts[0])[:MAX_SUBJECT], _EMPTY_LINES.sub("\n\n", parts[1]).strip() + "\n", parts[2]
    )


def one_line(text: str) -> str:
    """Return text without line breaks and other control characters, for a header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def absolute_url(path: str) -> str:
    """Return the full address of a path of this site, for mails and feeds.

    It is built from the configured base URL; the Host header of a request has no say. Raises
    ValueError for anything but a path.
    """
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError(f"not a path of this site: {path!r}")
    return current_host().configuration.base_url + path


def _require_plain(name: str, value: Any) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            _require_plain(f"{name}.{key}", item)
    elif isinstance(value, list | tuple):
        for item in value:
            _require_plain(name, item)
    elif not isinstance(value, _PLAIN):
        raise TypeError(f"mail value {name!r} must be plain, not {type(value).__name__}")


def _site() -> dict[str, str]:
    site = current_snapshot().site
    return {
        "name": site.name,
        "url": absolute_url("/"),
        "address": site.address,
        "phone": site.phone,
        "mail_from": site.mail_from,
    }


def _environment() -> Environment:
    found: Environment | None = current_app.extensions.get(_KEY)
    return found if found is not None else current_app.extensions.setdefault(_KEY, _make_environment())


def _make_environment() -> Environment:
    environment = ImmutableSandboxedEnvironment(
        loader=current_app.jinja_loader,
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=False)  # type: ignore[attr-defined]
    environment.globals.update(_=gettext, url=absolute_url)
    environment.filters.update(
        date=format_date, datetime=format_datetime, money=format_money, number=format_number, lines=_lines
    )
    return environment


def _lines(text: str) -> Markup:
    """Return plain text as HTML that keeps its line breaks."""
    return Markup("<br>").join(escape(line) for line in str(text).splitlines())
