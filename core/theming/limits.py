"""What one rendering may use: steps, lengths of built texts, size of numbers.

A theme is a file that somebody may have downloaded. A mistake or a joke in it must end in an
error that the engine contains, not in a process that hangs or eats the machine's memory.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import Any

from jinja2.filters import do_format, do_join, make_attrgetter
from jinja2.nodes import EvalContext
from jinja2.runtime import markup_join
from jinja2.sandbox import SecurityError
from jinja2.utils import pass_eval_context

MAX_STEPS = 50_000
MAX_RANGE = 1_000
MAX_TEXT = 200_000
MAX_OUTPUT = 4_000_000
MAX_BITS = 256
MAX_WIDTH = 100

_FORMAT_MARK = re.compile(r"%(?:\([^)]*\))?[#0\- +]*(\*|\d+)?(?:\.(\*|\d+))?")

_steps_left: ContextVar[list[int] | None] = ContextVar("kaiin_steps_left", default=None)


@contextmanager
def metered() -> Iterator[None]:
    """Give one rendering its own allowance of steps."""
    token = _steps_left.set([MAX_STEPS])
    try:
        yield
    finally:
        _steps_left.reset(token)


def spend(steps: int) -> None:
    """Take steps from the present rendering's allowance; raise SecurityError when it is gone."""
    left = _steps_left.get()
    if left is None:
        return
    left[0] -= steps
    if left[0] < 0:
        raise SecurityError(f"the template takes more than {MAX_STEPS} steps")


def counted(items: Any) -> Any:
    """Return the items of a `for` loop after paying a step for each."""
    if not hasattr(items, "__len__"):
        items = list(islice(items, MAX_STEPS + 1))
    spend(len(items))
    return items


def short_range(*bounds: int) -> range:
    """Return `range(...)` of at most MAX_RANGE numbers."""
    numbers = range(*bounds)
    if len(numbers) > MAX_RANGE:
        raise SecurityError(f"range() gives at most {MAX_RANGE} numbers")
    return numbers


def concatenated(values: list[Any]) -> str:
    """Join the operands of `~`; HTML stays HTML, everything else is escaped beside it."""
    _check_length(sum(len(v) for v in values if isinstance(v, str)))
    return markup_join(values)


@pass_eval_context
def join(context: EvalContext, value: Iterable[Any], d: str = "", attribute: str | int | None = None) -> str:
    """Join the items of a list; the filter `join` of themes."""
    items = list(islice(value, MAX_STEPS))
    if attribute is not None:
        items = list(map(make_attrgetter(context.environment, attribute), items))
    _check_length(len(d) * len(items) + sum(len(v) for v in items if isinstance(v, str)))
    return do_join(context, items, d)


def formatted(value: str, *args: Any, **kwargs: Any) -> str:
    """Apply `%` marks to values; the filter `format` of themes."""
    _check_format(value)
    return do_format(value, *args, **kwargs)


def joined_output(pieces: Iterable[str]) -> str:
    """Join rendered pieces; stands in for the environment's `concat`."""
    pieces = list(pieces)
    if sum(map(len, pieces)) > MAX_OUTPUT:
        raise SecurityError(f"the output is longer than {MAX_OUTPUT} characters")
    return "".join(pieces)


def check_operation(operator: str, left: Any, right: Any) -> None:
    """Refuse `+ * ** %` whose result could grow without bound."""
    if operator == "+" and hasattr(left, "__len__") and hasattr(right, "__len__"):
        _check_length(len(left) + len(right))
    elif operator == "*":
        _check_product(left, right)
    elif operator == "**":
        _check_power(left, right)
    elif operator == "%" and isinstance(left, str):
        _check_format(left)


def _check_product(left: Any, right: Any) -> None:
    for many, times in ((left, right), (right, left)):
        if hasattr(many, "__len__") and isinstance(times, int):
            _check_length(len(many) * times)
    if isinstance(left, int) and isinstance(right, int):
        _check_bits(left.bit_length() + right.bit_length())


def _check_power(left: Any, right: Any) -> None:
    if isinstance(left, int) and isinstance(right, int):
        _check_bits(left.bit_length() * abs(right))


def _check_format(text: str) -> None:
    for width, precision in _FORMAT_MARK.findall(text):
        for number in (width, precision):
            if number == "*" or (number and (len(number) > 3 or int(number) > MAX_WIDTH)):
                raise SecurityError(f"a format pads to at most {MAX_WIDTH} characters")


def _check_length(length: int) -> None:
    if length > MAX_TEXT:
        raise SecurityError(f"a text or list is longer than {MAX_TEXT}")


def _check_bits(bits: int) -> None:
    if bits > MAX_BITS:
        raise SecurityError("a number is too large")
