"""The grammar of tags in page text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.content.shortcodes import (
    MAX_DEPTH,
    MAX_TAGS,
    Literal,
    Node,
    Parsed,
    Problem,
    TagNode,
    clean_source,
    parse,
)

KNOWN = frozenset({"box", "secret", "void"})
ENCLOSING = frozenset({"box", "secret"})


def read(text: str) -> Parsed:
    return parse(clean_source(text), KNOWN, ENCLOSING)


def problems(text: str) -> list[tuple[str, str, int]]:
    return [(hint.problem, hint.name, hint.line) for hint in read(text).hints]


def visible(nodes: list[Node]) -> str:
    """All text outside of tags."""
    return "".join(n if isinstance(n, str) else n.text if isinstance(n, Literal) else "" for n in nodes)


@pytest.mark.parametrize(
    ("header", "arguments"),
    [
        ("", {}),
        (' a="1"', {"a": "1"}),
        (" a='1 2'", {"a": "1 2"}),
        (" a=1", {"a": "1"}),
        (' a="金賞" b=\'"\' c=x,y', {"a": "金賞", "b": '"', "c": "x,y"}),
        (' a=""  ', {"a": ""}),
        (' a="&amp;"', {"a": "&amp;"}),
    ],
)
def test_arguments_come_in_three_forms(header: str, arguments: dict[str, str]) -> None:
    assert read(f"x[void{header}]y").nodes == ["x", TagNode("void", arguments), "y"]


@pytest.mark.parametrize(
    "header",
    [
        *(" a", ' a="1', ' a="1"b="2"', ' a="<"', " a=>", ' a="1" a="2"', ' A="1"', "!", ' ="1"', " a=“1”"),
        *(' a="1"x', ' a="' + "x" * 201 + '"', "".join(f" a{n}=1" for n in range(21))),
    ],
)
def test_a_header_that_cannot_be_read_draws_nothing_and_hides_what_it_encloses(header: str) -> None:
    assert read(f"x[void{header}]y").nodes == ["x", TagNode("void", None), "y"]
    nodes = read(f"x[secret{header}]s[/secret]y").nodes
    assert nodes == ["x", TagNode("secret", None, ["s"]), "y"]
    assert problems(f"\n[void{header}]") == [(Problem.MALFORMED, "void", 2)]


def test_tags_nest() -> None:
    assert read("[box]a[secret]b[void][/secret]c[/box]d").nodes == [
        TagNode("box", {}, ["a", TagNode("secret", {}, ["b", TagNode("void", {})]), "c"]),
        "d",
    ]
    assert read("[box][box]a[/box][/box]b").nodes == [TagNode("box", {}, [TagNode("box", {}, ["a"])]), "b"]


def test_doubled_brackets_print_a_tag() -> None:
    assert read('a[[void a="1"]]b[[/box]]').nodes == ["a", Literal('[void a="1"]'), "b", Literal("[/box]")]
    assert read("[[secret]s[/secret]]").nodes == ["[", TagNode("secret", {}, ["s"]), "]"]


@pytest.mark.parametrize(
    "text",
    [
        "x[secret]s",
        "x[secret a=1]s[/box]",
        "x[secret]s[box]s",
        "x[secret",
        'x[secret a="1"\ns',
        "x[box][secret]s[/box]s",
        "x[secret][box]s[/secret]s[/box]",
        "x[unknown][secret]s[/unknown]s",
        "x[secret]s[/secrets]s",
        "x[secret]s[ /secret]s",
        "x[secret]s［/secret］s",
        "x[secret]s[/SECRET]s",
    ],
)
def test_what_has_no_certain_end_is_hidden_to_the_end(text: str) -> None:
    parsed = read(text)
    assert "s" not in visible(parsed.nodes)
    assert visible(parsed.nodes) == "x"
    assert Problem.UNCLOSED in {hint.problem for hint in parsed.hints}
    assert all("s" not in repr(n.children) for n in parsed.nodes if isinstance(n, TagNode))


def test_an_unknown_tag_shows_nothing_and_hides_what_it_encloses() -> None:
    assert read('a[nope x="1"]b').nodes == ["a", "b"]
    assert read("a[nope]s[/nope]b").nodes == ["a", TagNode("nope", {}, ["s"]), "b"]
    assert read("a[nope x=<]s[/nope]b").nodes == ["a", TagNode("nope", None, ["s"]), "b"]
    assert problems("\n\n[nope]") == [(Problem.UNKNOWN, "nope", 3)]


def test_a_tag_that_once_enclosed_still_does() -> None:
    assert parse("x[gone]s", KNOWN, ENCLOSING | {"gone"}).nodes == ["x"]
    assert parse("x[gone]s", KNOWN, ENCLOSING | {"gone"}).enclosing == {"gone"}


@pytest.mark.parametrize(
    "text",
    [
        "[word](http://x)",
        "[word][ref]",
        "[ref]: http://x",
        "![alt](a.png)",
        "[two words](x)",
        "[Ä](x)",
        "a[0]",
        "[ ] x",
        "[^1]",
    ],
)
def test_markdown_links_stay(text: str) -> None:
    assert visible(read(text).nodes) == text
    assert problems(text) == []


def test_a_known_name_is_a_tag_even_where_a_link_could_stand() -> None:
    assert read("[secret](s)[/secret]").nodes == [TagNode("secret", {}, ["(s)"])]


def test_too_many_tags_and_too_deep_nesting_hide_the_rest() -> None:
    many = read("[void]" * MAX_TAGS + "x[void]s")
    assert visible(many.nodes) == "x"
    assert many.hints[-1].problem is Problem.TOO_MANY
    deep = read("[box]" * (MAX_DEPTH + 1) + "s" + "[/box]" * (MAX_DEPTH + 1) + "s")
    assert visible(deep.nodes) == ""
    assert Problem.TOO_MANY in {hint.problem for hint in deep.hints}


def test_the_editor_is_told_what_is_odd() -> None:
    text = "a\n［secret］\n[Secret]\n[/box]\n[nope]\n"
    assert problems(text) == [
        (Problem.WIDE_BRACKETS, "secret", 2),
        (Problem.CAPITALS, "secret", 3),
        (Problem.STRAY_END, "box", 4),
        (Problem.UNKNOWN, "nope", 5),
    ]


def test_private_signs_and_controls_are_taken_out() -> None:
    assert clean_source("a\ue0000\ue001b\x00c\r\nd\re\u2028") == "a0bc\nd\ne"


PIECES = st.sampled_from(
    (
        *(
            "[box]",
            "[/box]",
            "[secret]",
            "[/secret]",
            "[void]",
            "[nope]",
            "[/nope]",
            "[[void]]",
            "[[",
            "]]",
            "[",
        ),
        *(
            "]",
            "[/",
            "[secret a=",
            '"',
            "s",
            "\n",
            "(",
            ":",
            " ",
            "\\",
            "`",
            "［secret］",
            "[box a=1]",
            "[word](",
            "x",
        ),
    )
)


@settings(max_examples=600, deadline=None, derandomize=True)
@given(st.lists(PIECES, max_size=25))
def test_text_behind_an_enclosing_start_is_never_outside_before_its_end(parts: list[str]) -> None:
    text = "".join(parts)
    marked = text + "[secret]CANARY" + "".join(p for p in parts if p != "[/secret]")
    parsed = parse(clean_source(marked), KNOWN, ENCLOSING)
    assert "CANARY" not in visible(parsed.nodes)
    once = parse(clean_source(text), KNOWN, ENCLOSING)
    assert len(once.tags) <= MAX_TAGS


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    parsed = parse(clean_source(text), KNOWN, ENCLOSING)
    assert len(visible(parsed.nodes)) <= len(text)


HOSTILE = [
    *("[a]", "[secret]", "[/a]", "[", "[a b=", "[[a]]", "[a](", "[x1]", "[a b='", "[/", "]", "[" + "a" * 60),
    *("[secret a", "[a" + " b=1" * 20 + "]", "［secret］", "[Secret]"),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_of_50000_pieces_is_read_in_linear_time(piece: str) -> None:
    started = time.process_time()
    read(piece * 50_000)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("first", ["[a]", "[box]", "[a b=1]"])
def test_50000_starts_with_their_ends_are_read_in_linear_time(first: str) -> None:
    name = first[1:].split("]")[0].split(" ")[0]
    started = time.process_time()
    read(first * 25_000 + f"[/{name}]" * 25_000)
    assert time.process_time() - started < 5
