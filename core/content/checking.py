"""Checks what somebody wants to save as a page; all problems at once, by field."""

import json
from collections.abc import Mapping
from typing import Any

from core.conditions.nodes import Broken, parse, walk
from core.content.access import Display, Visibility
from core.content.models import PageStatus
from core.content.shortcodes import MAX_TAGS, Parsed, Problem, clean_source
from core.content.shortcodes import parse as parse_text
from core.content.slugs import make_slug, slug_problem
from core.content.text_cache import tag_names
from core.errors import ValidationFailed
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.hygiene import is_clean

MAX_TITLE = 200
MAX_EXCERPT = 500
MAX_BODY = 100_000
MAX_JSON = 20_000

MAX_RULE_NAME = 60

FIELDS = frozenset(
    {
        *("slug", "title", "body", "excerpt", "status", "visibility"),
        *("rule", "rule_name", "display", "options"),
    }
)


def check_page(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values ready to store; raise ValidationFailed, or TypeError for unknown names."""
    unknown = set(values) - FIELDS
    if unknown:
        raise TypeError(f"a page has no {', '.join(sorted(unknown))}")
    errors: dict[str, object] = {}
    checked = dict(values)
    for name, value in values.items():
        try:
            checked[name] = _CHECKS[name](value)
        except ValueError as error:
            errors[name] = str(error)
    if errors:
        raise ValidationFailed(errors)
    return checked


def parse_body(body: str, remembered: frozenset[str] = frozenset()) -> Parsed:
    """Read the tags of a text; `remembered` are enclosing tags known from earlier."""
    known, enclosing = tag_names(current_snapshot())
    return parse_text(body, known, enclosing | remembered)


def _text(value: Any, limit: int) -> str:
    if not isinstance(value, str) or not is_clean(value):
        raise ValueError(_("This holds characters that cannot be used. Please type it again."))
    if len(value) > limit:
        raise ValueError(_("This is too long: at most %(limit)s characters.", limit=f"{limit:,}"))
    return value


def _title(value: Any) -> str:
    title = " ".join(_text(value, MAX_TITLE).split())
    if not title:
        raise ValueError(_("Enter a title."))
    return title


def _slug(value: Any) -> str:
    slug = _text(value, MAX_TITLE).strip()
    problem = slug_problem(slug)
    if problem:
        raise ValueError(problem)
    return slug


def _body(value: Any) -> str:
    body = clean_source(_text(value, MAX_BODY))
    if any(hint.problem is Problem.TOO_MANY for hint in parse_body(body).hints):
        raise ValueError(
            _("The text has too many tags, or nests them too deeply: at most %(limit)s.", limit=MAX_TAGS)
        )
    return body


def _rule(value: Any) -> Any:
    if value is None:
        return None
    _check_json(value)
    # A field that nobody knows now may come back with its plugin: it grants nothing until then.
    broken = [str(node.reason) for node in walk(parse(value)) if isinstance(node, Broken)]
    if broken:
        raise ValueError(" ".join(dict.fromkeys(broken)))
    return value


def _options(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(v, dict) for v in value.values()):
        raise ValueError(_('Options are JSON like {"plugin": {"name": "value"}}.'))
    _check_json(value)
    return value


def _check_json(value: Any) -> None:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise ValueError(_("This is not valid JSON.")) from None
    # NUL is written as an escape, and PostgreSQL refuses that too.
    if len(text) > MAX_JSON or "\\u0000" in text or not is_clean(text):
        raise ValueError(_("This is too long, or holds characters that cannot be used."))


def _choice(choices: type[PageStatus] | type[Visibility] | type[Display]) -> Any:
    def check(value: Any) -> str:
        if value not in list(choices):
            raise ValueError(_("Choose one of: %(choices)s.", choices=", ".join(choices)))
        return str(value)

    return check


_CHECKS: Mapping[str, Any] = {
    "title": _title,
    "slug": _slug,
    "body": _body,
    "excerpt": lambda value: _text(value, MAX_EXCERPT).strip(),
    "status": _choice(PageStatus),
    "visibility": _choice(Visibility),
    "rule": _rule,
    "rule_name": lambda value: _text(value, MAX_RULE_NAME).strip(),
    "display": lambda value: _choice(Display)(value) if value else "",
    "options": _options,
}


def suggested_slug(values: Mapping[str, Any]) -> str:
    """Return the given slug, else the one that the title suggests."""
    given = str(values.get("slug") or "").strip()
    return given or make_slug(str(values.get("title") or ""))
