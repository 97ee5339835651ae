"""What plugins keep for a page, such as a price: declared by them, typed in the page editor."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wtforms import BooleanField, DateTimeLocalField, Field, IntegerField
from wtforms.validators import NumberRange, Optional

from core.content.page_options import OptionKind, PageOption
from core.i18n import from_site_time, to_site_time
from core.plugin_host.snapshot import current_snapshot


@dataclass(frozen=True, slots=True)
class OptionField:
    """Where an option stands in the editor's form."""

    plugin: str
    option: PageOption

    @property
    def name(self) -> str:
        """Return the name of the input."""
        return f"option-{self.plugin}-{self.option.name}"

    def input(self) -> Field:
        """Return the unbound field of the form."""
        option = self.option
        if option.kind is OptionKind.FLAG:
            return BooleanField(option.title, description=option.help)
        if option.kind is OptionKind.MOMENT:
            return DateTimeLocalField(option.title, [Optional()], description=option.help)
        return IntegerField(
            option.title,
            [Optional(), NumberRange(option.minimum, option.maximum)],
            description=option.help,
            render_kw={"inputmode": "numeric", "min": option.minimum, "max": option.maximum},
        )

    def shown(self, stored: Any) -> Any:
        """Return a stored value as the input has it, None when it is none that the input could give."""
        if self.option.kind is OptionKind.FLAG:
            return True if stored is True else None
        if self.option.kind is OptionKind.MOMENT:
            return _local(stored)
        fits = type(stored) is int and self.option.minimum <= stored <= self.option.maximum
        return stored if fits else None

    def stored(self, typed: Any) -> Any:
        """Return what is kept of a typed value, None for nothing."""
        if self.option.kind is OptionKind.FLAG:
            return True if typed else None
        if isinstance(typed, dt.datetime):
            return from_site_time(typed).isoformat()
        return typed


def _local(stored: Any) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(stored)
    except (TypeError, ValueError):
        return None
    return to_site_time(moment).replace(tzinfo=None) if moment.tzinfo is not None else None


def option_fields() -> list[OptionField]:
    """Return the options of all active plugins."""
    snapshot = current_snapshot()
    owners = snapshot.owners
    return [
        OptionField(owners["register_page_options", name], option)
        for name, option in snapshot.page_options.items()
    ]


def split_options(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values of the form's inputs by name, and the options that no input shows."""
    rest = {plugin: dict(values) for plugin, values in options.items()}
    shown: dict[str, Any] = {}
    for one in option_fields():
        value = one.shown(rest.get(one.plugin, {}).get(one.option.name))
        if value is not None:
            shown[one.name] = value
            del rest[one.plugin][one.option.name]
    return shown, {plugin: values for plugin, values in rest.items() if values}


def join_options(typed: Mapping[str, Any], rest: Any) -> Any:
    """Return the options to store: those of the inputs over `rest`, which is checked when it is saved."""
    if rest is not None and not _is_by_plugin(rest):
        return rest
    joined = {plugin: dict(values) for plugin, values in (rest or {}).items()}
    for one in option_fields():
        value = one.stored(typed.get(one.name))
        if value is not None:
            joined.setdefault(one.plugin, {})[one.option.name] = value
    return joined


def _is_by_plugin(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(values, dict) for values in value.values())
