"""What wordpress_import adds to Kaiin."""

from collections.abc import Mapping, Sequence
from typing import Any

import click
from flask import Blueprint
from sqlalchemy import select

from core.api import (
    AuditAction,
    AuditTarget,
    Job,
    MenuItem,
    Permission,
    _l,
    db,
    hookimpl,
    move_rows,
    return_rows,
)

from . import services
from .commands import wordpress
from .jobs import JOBS
from .models import Seen
from .permissions import PERMISSIONS, RUN
from .views_admin import blueprint


@hookimpl
def register_blueprints() -> Sequence[Blueprint]:
    """Return the admin screens."""
    return [blueprint]


@hookimpl
def register_commands() -> Sequence[click.Command]:
    """Return `kaiin wordpress`."""
    return [wordpress]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    """Return the right to move in."""
    return PERMISSIONS


@hookimpl
def register_menu_items() -> Sequence[MenuItem]:
    """Return the line below the settings."""
    return [
        MenuItem(
            *("settings", _l("Move in from WordPress"), "wordpress_import_admin.index", RUN),
            icon="truck",
            order=85,
        )
    ]


@hookimpl
def register_jobs() -> Sequence[Job]:
    """Return the work outside requests."""
    return JOBS


@hookimpl
def register_audit_actions() -> Sequence[AuditAction]:
    """Return words for what was begun, run and cancelled."""
    target = AuditTarget(
        "wordpress_import", _l("Move from WordPress"), "wordpress_import_admin.show", "run_id"
    )
    return [
        AuditAction("wordpress_import.begun", _l("Move from WordPress begun"), target),
        AuditAction("wordpress_import.started", _l("Move from WordPress started"), target),
        AuditAction("wordpress_import.finished", _l("Move from WordPress finished"), target),
        AuditAction("wordpress_import.cancelled", _l("Move from WordPress cancelled"), target),
        AuditAction("wordpress_import.report_downloaded", _l("Report of a move downloaded"), target),
    ]


@hookimpl
def customer_merging(kept_id: int, merged_id: int) -> Any:
    """Let what came from WordPress belong to the customer who stays."""
    return move_rows(Seen.customer_id, merged_id, kept_id)


@hookimpl
def customer_unmerging(kept_id: int, merged_id: int, note: Any) -> Sequence[Any]:
    """Give it back."""
    return_rows(Seen.customer_id, note, kept_id, merged_id)
    return []


@hookimpl
def customer_erasing(customer_id: int) -> None:
    """Forget what the person's rows held; they are not taken again."""
    services.forget_customer(customer_id)


@hookimpl
def customer_data(customer_id: int) -> Mapping[str, Any]:
    """Report under which numbers WordPress knew the person."""
    rows = db.session.scalars(select(Seen).where(Seen.customer_id == customer_id).order_by(Seen.id))
    return {
        "rows": [
            {
                "site": row.site,
                "kind": row.kind,
                "number": row.source_id,
                "taken_at": row.taken_at.isoformat(),
            }
            for row in rows
        ]
    }
