"""For whom the present code reads: the scope that statements are held to (see core.customers.reach)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import g

from core.present_g import present_g


def scope_in_force() -> Any:
    """Return the scope that every statement is held to now; None for all customers."""
    here = present_g()
    return here.get("reach_scope") if here is not None else None


def put_in_force(scope: Any) -> None:
    """Hold every statement of this request to a scope; the gate does, for the admin's pages."""
    g.reach_scope = scope


@contextmanager
def held_to(scope: Any) -> Iterator[None]:
    """Hold the statements of a block to a scope."""
    former = scope_in_force()
    put_in_force(scope)
    try:
        yield
    finally:
        put_in_force(former)


@contextmanager
def everybody() -> Iterator[None]:
    """Let a block see all customers, for what the site itself must know, e.g. that an address is taken.

    What it finds must not reach the screen. Read columns rather than objects: an object stays in
    the session.
    """
    with held_to(None):
        yield
