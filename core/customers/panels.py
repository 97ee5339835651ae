"""Panels that plugins add to a customer's page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Panel:
    """One box on the customer page: an admin template of the plugin and what it is given."""

    title: Any
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    order: int = 100
