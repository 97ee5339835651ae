"""Numbers that plugins keep for a page, such as a price: declared by them, typed in the page editor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wtforms import Field, IntegerField
from wtforms.validators import NumberRange, Optional

from core.content.page_options import PageOption
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
        least, most = self.option.minimum, self.option.maximum
        return IntegerField(
            self.option.title,
            [Optional(), NumberRange(least, most)],
            description=self.option.help,
            render_kw={"inputmode": "numeric", "min": least, "max": most},
        )


def option_fields() -> list[OptionField]:
    """Return the options of all active plugins."""
    snapshot = current_snapshot()
    owners = snapshot.owners
    return [
        OptionField(owners["register_page_options", name], option)
        for name, option in snapshot.page_options.items()
    ]


def split_options(options: Mapping[str, Any]) -> tuple[dict[str, int], dict[str, Any]]:
    """Return the values of the form's inputs by name, and the options that no input shows."""
    rest = {plugin: dict(values) for plugin, values in options.items()}
    shown: dict[str, int] = {}
    for one in option_fields():
        value = rest.get(one.plugin, {}).get(one.option.name)
        if type(value) is int and one.option.minimum <= value <= one.option.maximum:
            shown[one.name] = rest[one.plugin].pop(one.option.name)
    return shown, {plugin: values for plugin, values in rest.items() if values}


def join_options(typed: Mapping[str, Any], rest: Any) -> Any:
    """Return the options to store: those of the inputs over `rest`, which is checked when it is saved."""
    if rest is not None and not _is_by_plugin(rest):
        return rest
    joined = {plugin: dict(values) for plugin, values in (rest or {}).items()}
    for one in option_fields():
        value = typed.get(one.name)
        if value is not None:
            joined.setdefault(one.plugin, {})[one.option.name] = value
    return joined


def _is_by_plugin(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(values, dict) for values in value.values())
