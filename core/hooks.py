"""Core's own hook implementations: core uses the same hooks as plugins do."""

from collections.abc import Sequence
from typing import Any

import pluggy
from sqlalchemy import ColumnElement

from core.accounts.registration.menu import menu_items as registration_menu
from core.accounts.tags import member_tags
from core.activity.actions import AuditAction, core_audit_actions
from core.activity.services import record_activity
from core.admin.audit_list import AUDIT_EXPORT
from core.admin.core_menu import menu_items as admin_menu
from core.admin.permissions import CORE_PERMISSIONS as ADMIN_PERMISSIONS
from core.admin.registrations import Card, MenuItem
from core.bulk.merging import note_bulk_rows, return_bulk_rows
from core.content.menu import menu_items as content_menu
from core.content.permissions import CORE_PERMISSIONS as CONTENT_PERMISSIONS
from core.customers.erasing_lines import ErasingLine
from core.customers.exports import core_exports
from core.customers.menu import menu_items as customers_menu
from core.customers.permissions import CORE_PERMISSIONS as CUSTOMER_PERMISSIONS
from core.customers.relations.merging import move_relations, return_relations
from core.exports.log import PERMISSIONS as EXPORT_PERMISSIONS
from core.exports.log_list import ENTRY_EXPORT
from core.exports.menu import menu_items as exports_menu
from core.exports.registry import Export
from core.i18n import _l
from core.imports.forgetting import forget_customer, forget_merged, note_merged
from core.imports.menu import menu_items as imports_menu
from core.jobs.core_jobs import core_jobs
from core.jobs.menu import menu_items as jobs_menu
from core.jobs.registry import Job
from core.leaks.menu import menu_items as leaks_menu
from core.looks.listing import LOOK_EXPORT
from core.mail.core_templates import core_mail_templates
from core.mail.menu import menu_items as mail_menu
from core.mail.templates import MailTemplate
from core.privacy.cards import privacy_cards
from core.privacy.erasing.summary import core_lines
from core.privacy.menu import menu_items as privacy_menu
from core.privacy.merging import move_privacy, return_privacy
from core.privacy.package.services import drop_packages
from core.privacy.permissions import CORE_PERMISSIONS as PRIVACY_PERMISSIONS
from core.privacy.retention.queries import core_retained
from core.privacy.services import forget_customer as forget_requests
from core.security.permissions import Permission
from core.theming.core_tags import core_tags
from core.theming.tags import TemplateTag

hookimpl = pluggy.HookimplMarker("kaiin")


@hookimpl
def register_permissions() -> Sequence[Permission]:
    """Return the rights that core's own screens ask for."""
    return [
        *ADMIN_PERMISSIONS,
        *CUSTOMER_PERMISSIONS,
        *PRIVACY_PERMISSIONS,
        *CONTENT_PERMISSIONS,
        *EXPORT_PERMISSIONS,
    ]


@hookimpl
def register_menu_items() -> Sequence[MenuItem]:
    """Return the admin navigation of core."""
    return [
        *customers_menu(),
        *imports_menu(),
        *exports_menu(),
        *privacy_menu(),
        *registration_menu(),
        *content_menu(),
        *leaks_menu(),
        *admin_menu(),
        *mail_menu(),
        *jobs_menu(),
    ]


@hookimpl
def register_template_tags() -> Sequence[TemplateTag]:
    """Return the tags that every site has."""
    return [*core_tags(), *member_tags()]


@hookimpl
def register_exports() -> Sequence[Export]:
    """Return customers, companies and the logs."""
    return [*core_exports(), AUDIT_EXPORT, ENTRY_EXPORT, LOOK_EXPORT]


@hookimpl
def register_jobs() -> Sequence[Job]:
    """Return core's background work."""
    return core_jobs()


@hookimpl
def register_mail_templates() -> Sequence[MailTemplate]:
    """Return core's kinds of mail."""
    return core_mail_templates()


@hookimpl
def register_audit_actions() -> Sequence[AuditAction]:
    """Return what core writes into the audit log."""
    return core_audit_actions()


@hookimpl
def dashboard_cards(account: Any) -> Sequence[Card]:
    """Show privacy requests that are late or nearly."""
    return privacy_cards(account)


@hookimpl
def member_registered(customer_id: int) -> None:
    """Note on the timeline that the customer became a member."""
    record_activity(customer_id, "registered", _l("Became a member"))


@hookimpl
def customer_merging(kept_id: int, merged_id: int) -> Any:
    """Move related people; let imports know that what they did to the merged customer cannot be undone."""
    return {
        "bulk": note_bulk_rows(merged_id),
        "relations": move_relations(kept_id, merged_id),
        "imports": note_merged(kept_id, merged_id),
        "privacy": move_privacy(kept_id, merged_id),
    }


@hookimpl
def customer_unmerging(kept_id: int, merged_id: int, note: Any) -> Sequence[Any]:
    """Give related people back; let imports know that the merged customer is there again."""
    forget_merged(kept_id, merged_id, note["imports"])
    return_bulk_rows(merged_id, note.get("bulk", []))
    if "privacy" in note:
        return_privacy(kept_id, merged_id, note["privacy"])
    return return_relations(kept_id, note["relations"])


@hookimpl
def customer_erasing(customer_id: int) -> None:
    """Delete the files in which the customer came, packages, and what is personal in requests."""
    forget_customer(customer_id)
    drop_packages(customer_id)
    forget_requests(customer_id)


@hookimpl
def erasing_summary(customer_id: int) -> Sequence[ErasingLine]:
    """Count core's own."""
    return core_lines(customer_id)


@hookimpl
def retained_customers() -> ColumnElement[bool]:
    """Keep members, plans, open requests and holds."""
    return core_retained()
