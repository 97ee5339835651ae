"""What the editor says about the tags of a text."""

from collections.abc import Iterator

from core.content.checking import parse_body
from core.content.shortcodes import Hint, Parsed, Problem, clean_source
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.theming.tag_calls import WrongArguments, checked_arguments

MAX_HINTS = 20


def hints_for(body: str, remembered: frozenset[str] = frozenset()) -> list[str]:
    """Return sentences about what in a text's tags is probably not meant so."""
    source = clean_source(body)
    parsed = parse_body(source, remembered)
    found = [*map(_sentence, parsed.hints), *_wrong_arguments(source, parsed)]
    return list(dict.fromkeys(found))[:MAX_HINTS]


def _wrong_arguments(source: str, parsed: Parsed) -> Iterator[str]:
    tags = current_snapshot().tags
    for node, position in parsed.tags:
        tag = tags.get(node.name)
        if tag is None or node.arguments is None:
            continue
        try:
            checked_arguments(tag, node.arguments)
        except WrongArguments as error:
            line = source.count("\n", 0, position) + 1
            yield _("Line %(line)s: %(problem)s It shows nothing.", line=line, problem=error)


def _sentence(hint: Hint) -> str:
    return _(_SENTENCES[hint.problem], line=hint.line, name=hint.name)


_SENTENCES = {
    Problem.UNKNOWN: (
        "Line %(line)s: no tag is called [%(name)s], or its plugin is switched off. It shows nothing. "
        "To print it, write [[%(name)s]]."
    ),
    Problem.UNCLOSED: (
        "Line %(line)s: [%(name)s] has no end [/%(name)s] that fits. Everything from here on stays hidden."
    ),
    Problem.STRAY_END: "Line %(line)s: [/%(name)s] has no beginning.",
    Problem.MALFORMED: 'Line %(line)s: [%(name)s] cannot be read. Write arguments like name="value".',
    Problem.TOO_MANY: "Line %(line)s: too many tags. Everything from here on stays hidden.",
    Problem.WIDE_BRACKETS: (
        "Line %(line)s: “%(name)s” stands in full-width brackets and is plain text. Use [ and ] for tags."
    ),
    Problem.CAPITALS: "Line %(line)s: tags are written in small letters: [%(name)s].",
}
