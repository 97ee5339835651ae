"""What plugins add to the admin: menu items, dashboard cards and a settings page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select
from wtforms import Form

MENU_AREAS = ("customers", "forms", "members", "content", "settings")


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A line of the admin's navigation.

    `area` is one of MENU_AREAS; `icon` is a Tabler icon name; `badge()` returns a number to
    show beside the title (0 or None shows nothing), or better the `select()` of one: all of these
    are asked in one statement. It must be cheap and indexed.
    With `add_title` and `add_endpoint` the top bar's "add" menu offers to make a new one, to
    those with `add_permission` (by default the same as `permission`).
    """

    area: str
    title: Any
    endpoint: str
    permission: str
    icon: str = "point"
    order: int = 100
    badge: Callable[[], int | Select[Any] | None] | None = None
    add_title: Any = None
    add_endpoint: str | None = None
    add_permission: str | None = None

    def __post_init__(self) -> None:
        if self.area not in MENU_AREAS:
            raise ValueError(f"menu item {self.endpoint!r}: area must be one of {', '.join(MENU_AREAS)}")


@dataclass(frozen=True, slots=True)
class Card:
    """A box on the dashboard: a title, an admin template of the plugin and what it is given."""

    title: Any
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    order: int = 100
    wide: bool = False


@dataclass(frozen=True, slots=True)
class StaffNotice:
    """A line behind the bell while `count`, a `select()` of one number, is not 0.

    `text(count)` says it in words, `endpoint` leads to the screen that helps. A banner stands on
    every screen. The counts of all plugins are asked in one statement with core's own.
    """

    count: Any
    text: Callable[[int], str]
    endpoint: str
    tone: str = "warning"
    icon: str = "alert-triangle"
    is_banner: bool = False


@dataclass(frozen=True, slots=True)
class SettingsGroup:
    """Settings that stand together in a box: its title, the names of their fields, a Tabler icon."""

    title: Any
    fields: tuple[str, ...]
    icon: str = "settings"


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """The plugin's settings: a WTForms form class and the values before the owner saves any.

    Only the form's own field names are kept; values must be JSON (str, int, bool, list, dict).
    Many fields are easier to find in `groups`; fields that no group names come first.
    """

    form: type[Form]
    defaults: Mapping[str, Any]
    groups: tuple[SettingsGroup, ...] = ()
