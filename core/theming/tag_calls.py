"""`tag()`: checks a tag's arguments and draws it, for themes and for page text alike.

It never fails: a tag that is unknown, disabled, wrongly called or broken renders nothing, and
what it encloses is then not even rendered.
"""

import logging
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import g
from markupsafe import Markup, escape

from core.i18n import _
from core.plugin_host.guards import call_plugin
from core.plugin_host.snapshot import current_snapshot
from core.security.sessions import current_member_id
from core.theming.shared_pages import note_personal, stands_in_key
from core.theming.tags import Argument, ArgumentType, Ask, TagContext, TemplateTag

log = logging.getLogger(__name__)

Body = Callable[[], Markup]
# The name of a tag, and its arguments as they were written.
TagCall = tuple[str, tuple[tuple[str, str], ...]]
NOTHING = Markup("")
_WORDS_FOR = {True: {"true", "yes", "1", "on"}, False: {"false", "no", "0", "off", ""}}


class WrongArguments(ValueError):
    """A tag was called with arguments that it does not declare."""


def tag(name: str, /, **arguments: Any) -> Markup:
    """Draw a tag in a theme; `{% call tag(…) %}` hands over what it encloses."""
    caller: Body | None = arguments.pop("caller", None)
    return draw_tag(name, arguments, caller)


def draw_tag(
    name: str, arguments: Mapping[str, Any], body: Body | None = None, content: Any = None
) -> Markup:
    """Draw the tag `name`; `content` is the page (a `ContentRef`) whose text holds it."""
    snapshot = current_snapshot()
    found = snapshot.tags.get(name)
    if found is None or (body is not None and not found.encloses):
        return NOTHING
    try:
        given = checked_arguments(found, arguments)
    except WrongArguments as error:
        log.info("tag not drawn: %s", error, extra={"tag": name})
        return NOTHING
    if found.varies:
        g.answer_varies = True
    if not stands_in_key(content):
        note_personal()
    context = TagContext(member=current_member_id(), content=content)
    return _call(snapshot.owner_of_tag(name), found, context, given, body)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What the tags of a text come down to, whoever looks."""

    varies: bool
    is_keyed: bool
    questions: tuple[tuple[str, Ask], ...]


def prepare_tags(calls: tuple[TagCall, ...], content: Any = None) -> Hashable | None:
    """Let the tags of a text ask at once what they will need; see `TemplateTag.prepare`.

    Returns all of the viewer that the text depends on, None when any two may see something else.
    """
    if not calls:
        return ()
    found: _Prepared = current_snapshot().memo(("tags_of_text", calls), lambda: _prepared(calls))
    if found.varies:
        g.answer_varies = True
    context = TagContext(member=current_member_id(), content=content)
    depends = tuple([call_plugin(owner, ask, context) for owner, ask in found.questions])
    return depends if found.is_keyed and None not in depends and _is_hashable(depends) else None


def _is_hashable(value: Any) -> bool:
    """Tell whether a plugin's answer can be a key: if not, the page is drawn for each viewer."""
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _prepared(calls: tuple[TagCall, ...]) -> _Prepared:
    snapshot = current_snapshot()
    known = [(snapshot.tags[name], arguments) for name, arguments in calls if name in snapshot.tags]
    wanted: dict[Any, list[tuple[str, dict[str, Any]]]] = {}
    owners: dict[Any, str] = {}
    for found, arguments in known:
        if found.prepare is None:
            continue
        try:
            checked = checked_arguments(found, dict(arguments))
        except WrongArguments:
            continue
        wanted.setdefault(found.prepare, []).append((found.name, checked))
        owners[found.prepare] = snapshot.owner_of_tag(found.name)
    questions = [
        (owners[prepare], call_plugin(owners[prepare], prepare, tuple(them)))
        for prepare, them in wanted.items()
    ]
    is_keyed = all(found.prepare is not None for found, _arguments in known)
    return _Prepared(
        varies=any(found.varies for found, _arguments in known),
        # A plugin that failed to prepare has nothing to ask with.
        is_keyed=is_keyed and all(ask is not None for _owner, ask in questions),
        questions=tuple((owner, ask) for owner, ask in questions if ask is not None),
    )


def _call(
    owner: str, found: TemplateTag, context: TagContext, given: dict[str, Any], body: Body | None
) -> Markup:
    errors: list[Exception] = []

    def enclosed() -> Markup:
        # What stands inside is not the plugin's: its errors pass the plugin's guard untouched.
        try:
            return body() if body is not None else NOTHING
        except Exception as error:
            errors.append(error)
            return NOTHING

    if found.encloses:
        given["body"] = enclosed
    output = call_plugin(owner, found.render, context, default=NOTHING, **given)
    if errors:
        raise errors[0]
    return NOTHING if output is None else escape(output)


def checked_arguments(found: TemplateTag, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return all declared arguments with converted values; raise WrongArguments."""
    unknown = set(given) - {a.name for a in found.arguments}
    if unknown:
        raise WrongArguments(
            _("[%(tag)s] has no argument “%(name)s”.", tag=found.name, name=sorted(unknown)[0])
        )
    return {a.name: _value(found.name, a, given) for a in found.arguments}


def _value(tag_name: str, argument: Argument, given: Mapping[str, Any]) -> Any:
    if argument.name not in given:
        if argument.required:
            raise WrongArguments(_("[%(tag)s] needs “%(name)s”.", tag=tag_name, name=argument.name))
        return argument.default
    value = _converted(argument, given[argument.name])
    if value is None or (argument.choices and value not in argument.choices):
        message = _("[%(tag)s] cannot use this value of “%(name)s”.", tag=tag_name, name=argument.name)
        raise WrongArguments(message)
    return value


def _converted(argument: Argument, value: Any) -> Any:
    if argument.type is ArgumentType.BOOLEAN:
        return _boolean(value)
    if argument.type is ArgumentType.INTEGER:
        return _integer(value)
    return str(value) if isinstance(value, str | int | float) else None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    return next((result for result, words in _WORDS_FOR.items() if text in words), None)


def _integer(value: Any) -> int | None:
    if isinstance(value, int):
        return value
    text = str(value).strip()
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None
