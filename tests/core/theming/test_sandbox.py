"""Templates reach what is listed and nothing else; each payload is a known way out of Jinja."""

import datetime as dt
import time
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import DictLoader, TemplateError
from markupsafe import Markup

from core.theming import limits
from core.theming.filters import SITE_FILTERS
from core.theming.sandbox import PerRequest, SiteEnvironment
from core.theming.view_objects import view_object

SECRET = "s3cret-canary"


class _Loader(DictLoader):
    def name_beside(self, name: str, _parent: str) -> str:
        return name


class Row:
    """Stands for an ORM row: attributes, methods, items."""

    password_hash = SECRET

    def delete(self) -> str:
        return SECRET

    def __getitem__(self, key: Any) -> str:
        return SECRET

    def __iter__(self) -> Any:
        return iter([SECRET])

    def __repr__(self) -> str:
        return "<Row>"


@view_object
class Person:
    name: str
    row: Any
    _private: str = SECRET

    @property
    def shout(self) -> str:
        return self.name.upper()

    def method(self) -> str:
        return SECRET


def helper(*_args: Any, **_values: Any) -> str:
    return "helped"


helper.secret = SECRET  # type: ignore[attr-defined]


def stranger() -> str:
    return SECRET


CONTEXT: dict[str, Any] = {
    "person": Person(name="<b>花子</b>", row=Row()),
    "row": Row(),
    "stranger": stranger,
    "items": [1, 2, 3],
    "facts": {"a": 1},
    "frozen": MappingProxyType({"a": 1}),
    "day": dt.date(2026, 11, 21),
    "html": Markup("<p>x</p>"),
    "text": "text",
}


def render(source: str, **more: str) -> str:
    environment = SiteEnvironment(
        loader=_Loader({"main": source, "other": "{% macro m(x) %}[{{ x }}]{% endmacro %}", **more}),
        functions={"helper": helper},
        values={"lazy": PerRequest(lambda: "late")},
        filters=SITE_FILTERS,
    )
    with limits.metered():
        return environment.get_template("main").render(CONTEXT)


PAYLOADS = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ helper.__globals__ }}",
    "{{ helper.secret }}",
    "{{ helper.__code__.co_consts }}",
    "{{ person.__class__.__init__.__globals__ }}",
    "{{ person._private }}",
    "{{ person['_private'] }}",
    "{{ person.method() }}",
    "{{ person.__dict__ }}",
    "{{ person.__dataclass_fields__ }}",
    "{{ person.row.password_hash }}",
    "{{ row.password_hash }}",
    "{{ row['password_hash'] }}",
    "{{ row.delete() }}",
    "{{ stranger() }}",
    "{{ stranger.__globals__ }}",
    "{{ [row]|map(attribute='password_hash')|list }}",
    "{{ [row]|map('attr', 'password_hash')|list }}",
    "{{ [row]|selectattr('password_hash')|map(attribute='password_hash')|join }}",
    "{{ [row]|sum(attribute='password_hash') }}",
    "{{ [row]|groupby('password_hash') }}",
    "{{ [row]|sort(attribute='password_hash')|first|string }}{{ row['x'] }}",
    "{{ [row]|map(attribute='__class__.__name__')|join }}",
    "{{ '{0.__class__}'.format(row) }}",
    "{{ '{0.password_hash}'.format(row) }}",
    "{{ 'x'.format_map({'a': row}) }}",
    "{{ text.__init__.__globals__ }}",
    "{{ config.SECRET_KEY }}",
    "{{ request.environ }}",
    "{{ g.account.x }}{{ session.y }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ joiner() }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ self._TemplateReference__context.environment }}",
    "{% for x in [1] %}{{ loop.__class__ }}{% endfor %}",
    "{% for x in [1] %}{{ loop._iterator }}{% endfor %}",
    "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{% call m() %}{% endcall %}",
    "{% macro m() %}{% endmacro %}{{ m.__init__.__globals__ }}",
    "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
    "{% import 'other' as o %}{{ o.__class__ }}",
    "{% import 'other' as o %}{{ o._body_stream }}",
    "{% set ns = namespace(a=1) %}{{ ns.__class__ }}",
    "{% set ns = namespace(a=1) %}{{ ns._Namespace__attrs }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ items.append(4) }}",
    "{{ items.clear() }}",
    "{{ facts.update({'b': 2}) }}",
    "{{ facts.pop('a') }}",
    "{{ html.unescape() }}",
    "{{ html.__html_format__('') }}",
    "{{ html.escape.__func__ }}",
    "{{ day.__reduce__() }}",
    "{{ day.strftime('%Y') }}",
    "{{ missing.anything }}",
    "{{ missing() }}",
    "{{ missing._undefined_exception }}",
    "{{ range.__self__ }}",
    "{{ helper }}{{ helper.__self__ }}",
    "{% include row %}",
    "{% include ['a', 'b'] %}",
    "{% extends text %}",
    "{% import text as t %}",
    "{% from 'o' ~ 'ther' import m %}",
    "{% autoescape false %}{{ person.name }}{% endautoescape %}",
    "{{ person.name|safe }}",
    "{{ text|tojson }}",
    "{{ text|xmlattr }}",
    "{{ 'http://x'|urlize }}",
    "{{ items|pprint }}",
    "{{ items|random }}",
    "{% for x in items recursive %}{{ loop(items) }}{% endfor %}",
    "{{ 'a' * 10**9 }}",
    "{{ [1] * 10**7 }}",
    "{{ 9**9**9 }}",
    "{{ 2**100000 }}",
    "{{ 10**200 * 10**200 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '%*d' % (1000000000, 1) }}",
    "{{ '%1000000000d'|format(1) }}",
    "{{ '%.1000000000f'|format(1.0) }}",
    "{{ range(10**9)|list }}",
    "{{ range(2000)|sum }}",
    "{{ 'x'|center(10**9) }}",
    "{{ 'x'|indent(10**9) }}",
    "{{ items|batch(10**9, 'x')|list }}",
    "{{ items|slice(10**9)|list }}",
    "{{ text|replace('', 'x' * 9999) }}",
    "{{ range(1000)|join('x' * 1000) }}",
    "{{ text.center(10**9) }}{{ text.ljust(10**9) }}{{ text.zfill(10**9) }}",
    "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}x"
    "{% endfor %}{% endfor %}{% endfor %}",
    "{% set n = namespace(x='01234567'*999) %}{% for i in range(9) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
    "{% set n = namespace(x='01234567'*999) %}{% for i in range(9) %}{% set n.x = n.x + n.x %}{% endfor %}",
    "{% set ns = namespace(x=2) %}{% for i in range(1000) %}{% set ns.x = ns.x * ns.x %}{% endfor %}",
    "{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}{{ m(1) }}",
    "{% set big = 'x' * 100000 %}{% for i in range(1000) %}{{ big }}{% endfor %}",
    "{% set ns = namespace(x=[1]) %}{% for i in range(1000) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_ends_in_an_error_or_in_nothing(payload: str) -> None:
    started = time.monotonic()
    try:
        output = render(payload)
    except (TemplateError, AssertionError):
        output = ""
    except Exception as error:
        # Anything else is contained by the engine, but must not carry what was asked for.
        output = str(error)
    assert SECRET not in output
    assert not any(sign in output for sign in ("<class", "subclasses", "builtin", "SECRET", "Environment"))
    assert "<b>" not in output
    assert len(output) < limits.MAX_OUTPUT
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_is_refused_and_not_merely_empty(payload: str) -> None:
    with pytest.raises((TemplateError, RecursionError)):
        render(payload)


def test_values_are_escaped_and_markup_is_kept() -> None:
    assert render("{{ person.name }}{{ html }}") == "&lt;b&gt;花子&lt;/b&gt;<p>x</p>"


def test_a_literal_and_a_translation_do_not_become_html() -> None:
    assert render("{{ '<i>' ~ html }}{{ '%s'|format('<u>') }}") == "&lt;i&gt;<p>x</p>&lt;u&gt;"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ person.shout|lower }}", "&lt;b&gt;花子&lt;/b&gt;"),
        ("{{ text.upper() }} {{ 'a,b'.split(',')|join('-') }}", "TEXT a-b"),
        ("{{ facts.a }}{{ facts['a'] }}{{ facts.get('z', 0) }}{{ frozen.a }}", "1101"),
        ("{% for k, v in facts.items() %}{{ k }}{{ v }}{% endfor %}", "a1"),
        ("{% for i in items %}{{ loop.index }}{{ ',' if not loop.last }}{% endfor %}", "1,2,3"),
        ("{{ day.year }}{{ range(3)|list }}", "2026[0, 1, 2]"),
        ("{% from 'other' import m %}{{ m('x') }}", "[x]"),
        ("{% macro w() %}({{ caller() }}){% endmacro %}{% call w() %}in{% endcall %}", "(in)"),
        (
            "{% set n = namespace(n=0) %}{% for i in items %}{% set n.n = n.n + i %}{% endfor %}{{ n.n }}",
            "6",
        ),
        ("{{ helper(a=1) }} {{ lazy }} {{ missing }}", "helped late "),
        ("{{ items[0] }}{{ items|map('string')|join('/') }}", "11/2/3"),
        ("{{ '%d%%'|format(7) }} {{ 7 % 4 }} {{ 2 ** 8 }}", "7% 3 256"),
        ("{% block a %}x{% endblock %}{{ self.a() }}", "xx"),
        ("{{ [{'n': 2}, {'n': 1}]|sort(attribute='n')|map(attribute='n')|join }}", "12"),
        ("{{ [person]|map(attribute='shout')|first }}", "&lt;B&gt;花子&lt;/B&gt;"),
    ],
)
def test_what_themes_need_works(source: str, expected: str) -> None:
    assert render(source) == expected


def test_values_of_the_request_are_read_when_used_also_in_imports_and_includes() -> None:
    assert render("{% include 'part' %}{% import 'part' as p %}{{ p }}", part="{{ lazy }};") == "late;late;"


def test_each_rendering_has_its_own_allowance() -> None:
    source = "{% for a in range(200) %}{% for b in range(200) %}{% endfor %}{% endfor %}ok"
    assert [render(source) for _ in range(3)] == ["ok"] * 3


FRAGMENTS = st.sampled_from(
    (
        *("__class__", "__globals__", "row", "person", "helper", ".", "['", "']", "()"),
        *("|attr(", "|map(attribute='", "')", "|list", "_private", "self", "loop", "config", "request"),
        *("''", "{}", "[]", "~", "*", "10**9", "range", "|join", "|first"),
        *("namespace(", ")", "password_hash", "mro", "items", "text", ".format", "caller", "html"),
    )
)


@settings(max_examples=2500, deadline=None, derandomize=True)
@given(st.lists(FRAGMENTS, min_size=1, max_size=9))
def test_generated_expressions_never_give_the_secret_away(parts: list[str]) -> None:
    started = time.monotonic()
    try:
        output = render("{{ " + "".join(parts) + " }}")
    except Exception:
        output = ""
    assert SECRET not in output
    assert "<class" not in output.replace("&lt;", "<")
    assert time.monotonic() - started < 2


def test_no_template_of_the_repository_uses_what_the_sandbox_leaves_out() -> None:
    root = Path(__file__).resolve().parents[3]
    files = [*root.glob("themes/*/templates/**/*.html"), *root.glob("core/templates/site/*.html")]
    assert files
    for file in files:
        source = file.read_text(encoding="utf-8")
        assert "|safe" not in source, file
        assert "style=" not in source, file
        assert " onclick=" not in source, file
