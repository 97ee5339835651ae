"""What contact_forms adds to Kaiin."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint
from sqlalchemy import ColumnElement

from core.api import (
    AuditAction,
    Card,
    Customer,
    CustomerField,
    ErasingLine,
    Export,
    Garden,
    Job,
    MailTemplate,
    MenuItem,
    Panel,
    Permission,
    SettingsPage,
    TemplateTag,
    _l,
    hookimpl,
    ngettext,
)

from . import cards, moving_in, queries
from .audience import planting
from .audit_actions import AUDIT_ACTIONS
from .consents.listing import CONSENT_EXPORT
from .exports import SUBMISSIONS
from .files import taking_along
from .inbound.queries import count_open
from .jobs import JOBS
from .permissions import FORMS_EDIT, INBOX_REPLY, INBOX_SEE, PERMISSIONS
from .pipeline import customers
from .pipeline.mails import TEMPLATES
from .rights import timeline
from .settings import SETTINGS_DEFAULTS, SETTINGS_GROUPS, SettingsForm
from .tags import CONTACT_FORM
from .views import admin, site


@hookimpl
def register_blueprints() -> Sequence[Blueprint]:
    """Return the public pages and the admin screens."""
    return [site, admin]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    """Return the rights to read, to sort and to build."""
    return PERMISSIONS


@hookimpl
def register_settings() -> SettingsPage:
    """Return who is told, and the limits against spam."""
    return SettingsPage(SettingsForm, SETTINGS_DEFAULTS, SETTINGS_GROUPS)


@hookimpl
def register_menu_items() -> Sequence[MenuItem]:
    """Return the inbox, with its unread messages, incoming mail, the forms and the consents."""
    inbox = MenuItem(
        "forms",
        _l("Inbox"),
        "contact_forms_admin.messages",
        INBOX_SEE,
        icon="inbox",
        order=10,
        badge=queries.count_unread,
    )
    mails = MenuItem(
        "forms",
        _l("Incoming mail"),
        "contact_forms_admin.incoming",
        INBOX_REPLY,
        icon="mail-opened",
        order=15,
        badge=count_open,
    )
    forms = MenuItem(
        "forms",
        _l("Forms"),
        "contact_forms_admin.forms",
        FORMS_EDIT,
        icon="forms",
        order=20,
        add_title=_l("New form"),
        add_endpoint="contact_forms_admin.new",
    )
    consents = MenuItem(
        "forms",
        _l("Consents"),
        "contact_forms_admin.consents",
        INBOX_SEE,
        icon="shield-check",
        order=30,
    )
    return [inbox, mails, forms, consents]


@hookimpl
def register_template_tags() -> Sequence[TemplateTag]:
    """Return the tag that draws a form."""
    return [CONTACT_FORM]


@hookimpl
def register_customer_fields() -> Sequence[CustomerField]:
    """Return when and how often a customer wrote."""
    return customers.FIELDS


@hookimpl
def register_exports() -> Sequence[Export]:
    """Return the tables of messages and of consents."""
    return [SUBMISSIONS, CONSENT_EXPORT]


@hookimpl
def register_jobs() -> Sequence[Job]:
    """Return the acceptance of messages, and the daily cleaning of spam and trash."""
    return JOBS


@hookimpl
def register_mail_templates() -> Sequence[MailTemplate]:
    """Return the notice and the automatic reply."""
    return TEMPLATES


@hookimpl
def register_audit_actions() -> Sequence[AuditAction]:
    """Return words for what staff do with forms and messages."""
    return AUDIT_ACTIONS


@hookimpl
def dashboard_cards(account: Any) -> Sequence[Card]:
    """Return the newest messages."""
    return cards.dashboard_cards(account)


@hookimpl
def customer_panels(customer: Customer, account: Any) -> Sequence[Panel]:
    """Return the customer's messages."""
    return customers.panels(customer, account)


@hookimpl
def visible_activities(account: Any) -> Any:
    """Return which timeline lines an account may see that may not see all forms' messages."""
    return timeline.visible_activities(account)


@hookimpl
def customer_merging(kept_id: int, merged_id: int) -> Any:
    """Give the messages to the customer who stays."""
    return customers.move_submissions(kept_id, merged_id)


@hookimpl
def customer_unmerging(kept_id: int, merged_id: int, note: Any) -> Sequence[Any]:
    """Give the messages back to the customer who was merged."""
    return customers.return_submissions(kept_id, merged_id, note)


@hookimpl
def before_erasing(customer_id: int) -> Sequence[Any]:
    """Return which messages are held, and why."""
    return customers.held_back(customer_id)


@hookimpl
def customer_erasing(customer_id: int) -> None:
    """Blank what the customer sent."""
    customers.erase_submissions(customer_id)


@hookimpl
def customer_data(customer_id: int) -> Mapping[str, Any]:
    """Return what the customer sent."""
    return customers.report_submissions(customer_id)


@hookimpl
def customer_files(customer_id: int) -> Sequence[Any]:
    """Return the files that the customer sent."""
    return taking_along.files_of_customer(customer_id)


@hookimpl
def erasing_summary(customer_id: int) -> Sequence[ErasingLine]:
    """Count answers and files that go, and the receipts that stay."""
    return customers.erasing_lines(customer_id)


@hookimpl
def retained_customers() -> ColumnElement[bool]:
    """Keep people whose message waits or is held."""
    return customers.retained()


@hookimpl
def disable_consequences() -> Sequence[str]:
    """Say how many forms disappear."""
    count = queries.count_open_forms()
    if not count:
        return []
    return [
        ngettext(
            "%(num)s form disappears from the site and takes no more answers. Its messages are kept.",
            "%(num)s forms disappear from the site and take no more answers. Their messages are kept.",
            count,
        )
    ]


@hookimpl
def fill_demo(people: Sequence[int], seed: int) -> None:
    """Make the demo's forms and messages."""
    from .demo.filling import fill_demo as fill

    fill(people, seed)


@hookimpl
def plant_canaries(garden: Garden) -> None:
    """Let the leak test look for forms that are closed to whoever asks."""
    garden.at_last.append(lambda: planting.plant(garden))


@hookimpl(optionalhook=True)
def wordpress_kinds() -> Sequence[str]:
    """Say that forms and messages of a WordPress site are ours."""
    return moving_in.KINDS


@hookimpl(optionalhook=True)
def take_wordpress_row(
    kind: str, values: Mapping[str, Any], links: Mapping[str, Any], by: int | None
) -> Mapping[str, Any] | None:
    """Take a form or a message of a WordPress site."""
    return moving_in.take_row(kind, values, links, by)
