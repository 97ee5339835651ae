"""`CustomerField`: a field over `core_customer`, from core, the owner or a plugin."""

from dataclasses import dataclass

from core.conditions.fields import Field


@dataclass(frozen=True, slots=True)
class CustomerField(Field):
    """A field of the customer; `group` names the block of the customer page it stands in."""

    group: str = "other"
