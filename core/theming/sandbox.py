"""The Jinja environment of site templates: what they can reach is listed here, all else is shut.

Themes get view objects and plain values. An attribute is readable when this module or a
`@view_object` names it; a function is callable when the engine put it there. Autoescaping
cannot be switched off, and no filter declares text to be HTML.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from types import BuiltinMethodType, FunctionType, MappingProxyType, MethodType
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateModule
from jinja2.exceptions import TemplateAssertionError
from jinja2.filters import FILTERS, _GroupTuple
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, TemplateReference, Undefined, missing
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError
from jinja2.utils import Namespace
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from core.theming import limits
from core.theming.view_objects import readable_fields

# Left out on purpose: `safe`, `attr`, `xmlattr`, `tojson`, `urlize`, `pprint`; `center`, `indent`,
# `batch`, `slice`, `replace` (they build texts or lists of any size); `random`, `filesizeformat`.
ALLOWED_FILTERS = (
    *("abs", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first", "float"),
    *("forceescape", "groupby", "int", "items", "last", "length", "list", "lower", "map", "max", "min"),
    *("reject", "rejectattr", "reverse", "round", "select", "selectattr", "sort", "string", "striptags"),
    *("sum", "title", "trim", "truncate", "unique", "upper", "urlencode", "wordcount"),
)

_TEXT = frozenset(
    {
        *("upper", "lower", "title", "capitalize", "casefold", "strip", "lstrip", "rstrip"),
        *("startswith", "endswith", "removeprefix", "removesuffix", "split", "rsplit", "splitlines"),
        *("isdigit", "isdecimal", "isalpha", "isalnum", "count", "find"),
    }
)
_LIST = frozenset({"count", "index"})
_MAPPING = frozenset({"get", "items", "keys", "values"})
_DAY = frozenset({"year", "month", "day", "weekday", "isoformat"})
_READABLE: Mapping[type, frozenset[str]] = {
    str: _TEXT,
    Markup: _TEXT,
    list: _LIST,
    tuple: _LIST,
    range: _LIST,
    dict: _MAPPING,
    MappingProxyType: _MAPPING,
    dt.date: _DAY,
    dt.datetime: _DAY | {"hour", "minute", "second", "date"},
}
# Jinja's own objects: everything that does not begin with an underscore.
_OWN_OBJECTS = frozenset({LoopContext, Macro, Namespace, TemplateModule, BlockReference})
_SUBSCRIPTABLE = frozenset(
    {str, Markup, list, tuple, range, dict, MappingProxyType, TemplateReference, _GroupTuple}
)
# Asking these for what they lack is a harmless slip, e.g. `gate.message` without a gate.
_PLAIN = frozenset({type(None), bool, int, float, *_READABLE})
_METHODS_OF = (str, list, tuple, range, dict, MappingProxyType, dt.date)


class PerRequest:
    """A global whose value is looked up when a template reads it, e.g. `viewer`."""

    __slots__ = ("read",)

    def __init__(self, read: Callable[[], Any]) -> None:
        self.read = read


class SiteContext(Context):
    """A template's names; those of the request are read at first use."""

    def resolve_or_missing(self, key: str) -> Any:
        """Return the value of a name."""
        found = self.vars.get(key, missing)
        if found is missing:
            found = self.parent.get(key, missing)
        return found.read() if type(found) is PerRequest else found


class _Rewriter(NodeTransformer):
    """Refuses what the sandbox cannot bound and meters what it can."""

    def _refuse(self, node: nodes.Node, message: str) -> None:
        raise TemplateAssertionError(message, node.lineno)

    def visit_EvalContextModifier(self, node: nodes.Node) -> None:  # noqa: N802
        self._refuse(node, "autoescaping cannot be switched")

    visit_ScopedEvalContextModifier = visit_EvalContextModifier  # noqa: N815

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        if node.recursive:
            self._refuse(node, "recursive loops are not allowed")
        self.generic_visit(node)
        node.iter = _filtered(node.iter, "kaiin_counted")
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), "kaiin_concatenated")

    def _check_reference(self, node: nodes.Node) -> nodes.Node:
        if not isinstance(node.template, nodes.Const) or not isinstance(node.template.value, str):  # type: ignore[attr-defined]
            self._refuse(node, "name the template as a plain text")
        return self.generic_visit(node)

    visit_Extends = visit_Include = visit_Import = visit_FromImport = _check_reference  # noqa: N815


def _filtered(node: nodes.Node, name: str) -> nodes.Expr:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


class _CodeGenerator(CodeGenerator):
    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        super().visit_Template(_Rewriter().visit(node), frame)


class SiteEnvironment(ImmutableSandboxedEnvironment):
    """The sandbox. `functions` become globals and are the only functions that may be called."""

    context_class = SiteContext
    code_generator_class = _CodeGenerator
    intercepted_binops = frozenset({"+", "*", "**", "%"})
    concat = staticmethod(limits.joined_output)

    def __init__(
        self,
        *,
        functions: Mapping[str, Callable[..., Any]],
        values: Mapping[str, PerRequest],
        filters: Mapping[str, Callable[..., Any]],
        **options: Any,
    ) -> None:
        super().__init__(autoescape=True, **options)
        self.filters = {name: FILTERS[name] for name in ALLOWED_FILTERS}
        self.filters |= {"join": limits.join, "format": limits.formatted, **filters}
        self.filters |= {"kaiin_counted": limits.counted, "kaiin_concatenated": limits.concatenated}
        called = {"range": limits.short_range, "namespace": Namespace, **functions}
        self._functions = frozenset(called.values())
        self.globals = {**called, **values}

    def make_globals(self, d: Any) -> dict[str, Any]:
        """Return the globals as one plain dict; the default chain is slow to copy per page."""
        return {**self.globals, **d} if d else self.globals

    def join_path(self, template: str, parent: str) -> str:
        """Resolve a name in the theme that the referring template was found for."""
        return self.loader.name_beside(template, parent)  # type: ignore[union-attr]

    def is_safe_attribute(self, obj: Any, attr: str, value: Any = None) -> bool:
        """Tell whether templates may read `attr` of `obj`."""
        if attr.startswith("_"):
            return False
        kind = type(obj)
        fields = readable_fields(kind)
        if fields is None:
            fields = _READABLE.get(kind)
        return attr in fields if fields is not None else kind in _OWN_OBJECTS

    def is_safe_callable(self, obj: Any) -> bool:
        """Tell whether templates may call `obj`; each call is a step."""
        limits.spend(1)
        kind = type(obj)
        if kind is FunctionType or kind is type:
            return obj in self._functions
        if kind is BuiltinMethodType:
            return isinstance(obj.__self__, _METHODS_OF)
        if kind is MethodType:
            return obj in self._functions or isinstance(obj.__self__, Markup | LoopContext)
        return kind in (Macro, BlockReference)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        """Call a function, method or macro; the engine's own functions want no Jinja context."""
        if not __self.is_safe_callable(__obj):
            raise SecurityError(f"{type(__obj).__name__} may not be called by a template")
        kwargs.pop("_loop_vars", None)
        kwargs.pop("_block_vars", None)
        if type(__obj) is Macro:
            return __obj(__context.eval_ctx, *args, **kwargs)
        return __obj(*args, **kwargs)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Read `obj.attribute`."""
        if self.is_safe_attribute(obj, attribute):
            try:
                return getattr(obj, attribute)
            except AttributeError:
                pass
        return self._subscript(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Read `obj[argument]`."""
        found = self._subscript(obj, argument)
        if isinstance(found, Undefined) and isinstance(argument, str):
            return self.getattr(obj, str(argument))
        return found

    def _subscript(self, obj: Any, key: Any) -> Any:
        if isinstance(obj, Undefined):
            return obj[key]
        if type(obj) in _SUBSCRIPTABLE:
            try:
                return obj[key]
            except (TypeError, LookupError):
                pass
        is_plain = type(obj) in _PLAIN or readable_fields(type(obj)) is not None
        if is_plain and not str(key).startswith("_"):
            return self.undefined(obj=obj, name=key)
        return self.unsafe_undefined(obj, str(key))

    def unsafe_undefined(self, obj: Any, attribute: str) -> Undefined:
        """Refuse to read `attribute`; an undefined value would only print as nothing."""
        raise SecurityError(f"templates may not read {attribute!r} of {type(obj).__name__}")

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Apply an operator whose result could be huge, within limits."""
        limits.check_operation(operator, left, right)
        return self.binop_table[operator](left, right)
