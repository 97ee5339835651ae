"""The condition language: JSON trees over typed fields, compiled to SQL (docs/design.md, section 6)."""

from core.conditions.compiler import compile_condition, holds_all_day
from core.conditions.explanation import Explanation, Line, explain
from core.conditions.nodes import read_condition
from core.conditions.operators import OPERATORS, Operator, Shape, operators_for
from core.conditions.words import check_condition, describe

__all__ = [
    "OPERATORS",
    "Explanation",
    "Line",
    "Operator",
    "Shape",
    "check_condition",
    "compile_condition",
    "describe",
    "explain",
    "holds_all_day",
    "operators_for",
    "read_condition",
]
