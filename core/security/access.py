"""Access rules: every view says who may call it; one gate (core.security.gate) enforces it."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


class RuleKind(enum.StrEnum):
    """The kinds of access rule."""

    PUBLIC = "public"
    MEMBER = "member"
    PERMISSION = "permission"
    SIGNED = "signed"
    OPEN_API = "open_api"


@dataclass(frozen=True, slots=True)
class AccessRule:
    """Who may call a view; `name` is the permission or the purpose of the signature."""

    kind: RuleKind
    name: str = ""


def public(view: View) -> View:
    """Let everyone call the view."""
    return _mark(view, AccessRule(RuleKind.PUBLIC))


def open_api(view: View) -> View:
    """Let every program call the view, from any site, without a token.

    The gate reads no cookie for it, so that nobody is signed in and no site can act for a visitor.
    """
    return _mark(view, AccessRule(RuleKind.OPEN_API))


def accepts_cached_pages(view: View) -> View:
    """Let posts to the view come from pages that shared caches keep, which carry nobody's token.

    The site that they come from is checked as ever. A post without a fitting token counts as a
    guest's, so that nobody can make a visitor do anything as a member.
    """
    view.accepts_cached_pages = True  # type: ignore[attr-defined]
    return view


def member_required(view: View) -> View:
    """Let signed-in members call the view."""
    return _mark(view, AccessRule(RuleKind.MEMBER))


def permission_required(name: str) -> Callable[[View], View]:
    """Let staff with the permission call the view; `admin.access` is every staff account's."""
    return lambda view: _mark(view, AccessRule(RuleKind.PERMISSION, name))


def signed(purpose: str) -> Callable[[View], View]:
    """Let callers whose `?token=` was signed for `purpose` call the view; read it with
    `signed_data()`."""
    return lambda view: _mark(view, AccessRule(RuleKind.SIGNED, purpose))


def access_rule_of(view: Callable[..., Any]) -> AccessRule | None:
    """Return the rule that a view declared, or None."""
    return getattr(view, "access_rule", None)


def _mark(view: View, rule: AccessRule) -> View:
    if getattr(view, "access_rule", rule) != rule:
        raise ValueError(f"{view.__qualname__} declares two access rules")
    view.access_rule = rule  # type: ignore[attr-defined]
    return view
