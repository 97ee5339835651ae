"""What the owner chose: which kinds come, what happens to roles, and whose values win."""

import enum
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.api import _l

from .kinds import Kind


class Policy(enum.StrEnum):
    """Whose value wins where a customer is here already."""

    KEEP = "keep"
    FILL = "fill"
    OVERWRITE = "overwrite"


class RoleChoice(enum.StrEnum):
    """What becomes of users with a role."""

    MEMBER = "member"
    CUSTOMER = "customer"
    SKIP = "skip"


POLICIES: dict[str, tuple[Any, Any]] = {
    Policy.FILL: (_l("Fill in what is empty here"), _l("What stands here stays.")),
    Policy.KEEP: (_l("Change nothing"), _l("Customers who are here already stay as they are.")),
    Policy.OVERWRITE: (
        _l("Take WordPress's values"),
        _l("What stands here is replaced, also what somebody edited here."),
    ),
}
ROLE_CHOICES: dict[str, Any] = {
    RoleChoice.MEMBER: _l("Become members, with their password"),
    RoleChoice.CUSTOMER: _l("Become customers without a log-in"),
    RoleChoice.SKIP: _l("Are left out"),
}
# Who ran the old site runs the new one only when an owner invites them.
STAFF_ROLES = ("administrator", "editor", "author", "contributor", "shop_manager", "zerobs_admin")


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices of a run."""

    kinds: frozenset[str] = frozenset(Kind)
    policy: Policy = Policy.FILL
    roles: Mapping[str, str] = field(default_factory=dict)

    def choice_of(self, roles: list[str]) -> RoleChoice:
        """Return what becomes of a user: of several roles, one that leaves out decides, then a member's."""
        chosen = {self.of_role(role) for role in roles or [""]}
        return next(
            choice for choice in (RoleChoice.SKIP, RoleChoice.MEMBER, RoleChoice.CUSTOMER) if choice in chosen
        )

    def of_role(self, role: str) -> RoleChoice:
        """Return what becomes of a role."""
        return RoleChoice(self.roles.get(role) or usual_choice(role))


def usual_choice(role: str) -> RoleChoice:
    """Return what is proposed for a role."""
    if not role:
        return RoleChoice.CUSTOMER
    return RoleChoice.SKIP if role in STAFF_ROLES else RoleChoice.MEMBER


def read_settings(data: Mapping[str, Any]) -> Settings:
    """Return kept choices."""
    if not data:
        return Settings()
    return Settings(frozenset(data["kinds"]), Policy(data["policy"]), dict(data["roles"]))


def as_data(settings: Settings) -> dict[str, Any]:
    """Return choices as JSON values."""
    return {**asdict(settings), "kinds": sorted(settings.kinds), "roles": dict(settings.roles)}
