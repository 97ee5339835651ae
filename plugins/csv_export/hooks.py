"""What csv_export adds to Kaiin."""

from collections.abc import Sequence

import click
from flask import Blueprint

from core.api import AuditAction, MenuItem, Permission, _l, hookimpl

from .commands import export
from .permissions import PERMISSIONS, USE
from .views_admin import blueprint


@hookimpl
def register_blueprints() -> Sequence[Blueprint]:
    """Return the admin screen."""
    return [blueprint]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    """Return the right to download."""
    return PERMISSIONS


@hookimpl
def register_menu_items() -> Sequence[MenuItem]:
    """Return the line below the customers."""
    return [
        MenuItem("customers", _l("CSV export"), "csv_export_admin.index", USE, icon="file-export", order=80)
    ]


@hookimpl
def register_audit_actions() -> Sequence[AuditAction]:
    """Return what older entries of the audit log say; new ones are core's."""
    return [
        AuditAction("csv_export.downloaded", _l("CSV file downloaded")),
        AuditAction("csv_export.written", _l("CSV file written by a command")),
    ]


@hookimpl
def register_commands() -> Sequence[click.Command]:
    """Return `kaiin export`."""
    return [export]
