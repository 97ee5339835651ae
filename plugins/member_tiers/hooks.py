"""What the plugin tells core. One to five lines each."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import click
from flask import Blueprint
from markupsafe import Markup
from sqlalchemy import ColumnElement

from core.api import (
    Access,
    Activity,
    AuditAction,
    Card,
    Choice,
    ContentRef,
    CustomerField,
    ErasingLine,
    Export,
    Garden,
    ImportKind,
    Job,
    MailTemplate,
    MenuItem,
    PageOption,
    Panel,
    Permission,
    SettingsPage,
    StaffNotice,
    TemplateTag,
    fills,
    hookimpl,
)

from . import (
    account_panels,
    admin_panels,
    declarations,
    demo,
    exports,
    fields,
    jobs,
    leaving,
    merging,
    moving_in,
    people,
    queries,
    tags,
)
from .importing import kind
from .memberships import mails as membership_mails
from .memberships import notices as membership_notices
from .paying import mails
from .points import commands as points_commands
from .points import earning
from .points import events as points_events
from .points import mails as points_mails
from .ranks import events as ranks_events
from .ranks import mails as ranks_mails
from .rules import access, made_up, metering, policies
from .selftest import planting
from .settings import DEFAULTS, GROUPS, SettingsForm
from .views_admin import admin
from .views_members import site


@hookimpl
def register_blueprints() -> Sequence[Blueprint]:
    """Bring the member's pages and the admin screens."""
    return [site, admin]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    """Bring the rights that the admin screens ask for."""
    return declarations.PERMISSIONS


@hookimpl
def register_menu_items() -> Sequence[MenuItem]:
    """Bring the lines of the admin's navigation."""
    return declarations.MENU


@hookimpl
def register_settings() -> SettingsPage:
    """Bring the settings page."""
    return SettingsPage(SettingsForm, DEFAULTS, GROUPS)


@hookimpl
def register_customer_fields() -> Sequence[CustomerField]:
    """Bring tier and points as fields of the customer."""
    return fields.customer_fields()


@hookimpl
def register_template_tags() -> Sequence[TemplateTag]:
    """Bring the tags for themes and pages."""
    return tags.template_tags()


@hookimpl
def register_exports() -> Sequence[Export]:
    """Bring memberships and the ledger as files."""
    return exports.exports()


@hookimpl
def register_import_kinds() -> Sequence[ImportKind]:
    """Let files bring memberships."""
    return [kind.KIND]


@hookimpl
def register_jobs() -> Sequence[Job]:
    """Bring the nightly work."""
    return jobs.jobs()


@hookimpl
def register_commands() -> Sequence[click.Command]:
    """Bring `kaiin points`."""
    return [points_commands.points]


@hookimpl
def member_registered(customer_id: int) -> None:
    """Give points for joining."""
    earning.registered(customer_id)


@hookimpl
def member_logged_in(customer_id: int) -> None:
    """Give points for the first log-in of the day, and what waited for it; note the day for the ranks."""
    earning.logged_in(customer_id)
    ranks_events.logged_in(customer_id)


@hookimpl(optionalhook=True)
def form_accepted(customer_id: int, form: str, submission_id: int, sent_at: dt.datetime) -> None:
    """Give points for a form that was sent."""
    points_events.form_accepted(customer_id, form, submission_id, sent_at)


@hookimpl
def activity_recorded(activity: Activity) -> None:
    """See whether points or a form mean a higher rank."""
    ranks_events.activity_recorded(activity)


@hookimpl
def register_page_options() -> Sequence[PageOption]:
    """Bring the price for which points open a page."""
    return declarations.PAGE_OPTIONS


@hookimpl
def register_audit_actions() -> Sequence[AuditAction]:
    """Bring words for what staff do with tiers, memberships and points."""
    return declarations.AUDIT_ACTIONS


@hookimpl
def dashboard_cards(account: Any) -> Sequence[Card]:
    """Show members by tier and the points that are outstanding."""
    return admin_panels.dashboard_cards(account)


@hookimpl
def customer_panels(customer: Any, account: Any) -> Sequence[Panel]:
    """Show membership and points on the customer page."""
    return admin_panels.customer_panels(customer, account)


@hookimpl
@fills("account_panels")
def render_slot(slot: str, context: Mapping[str, Any]) -> Markup | None:
    """Draw the panels of a member's own page."""
    member = context.get("member")
    return account_panels.account_panels(member) if slot == "account_panels" and member is not None else None


@hookimpl
def content_access(content: ContentRef, member: int | None) -> Access | None:
    """Decide who may read a restricted page."""
    return access.decide(content, member)


@hookimpl
def content_preparing(contents: Sequence[ContentRef], member: int) -> None:
    """Ask for the rules of many pages, and for what was unlocked, at once."""
    access.prepare(contents, member)


@hookimpl
def content_reading(content: ContentRef, member: int | None, counts: bool) -> Access | None:
    """Let readers of metered content in while they have some left this month."""
    return metering.read_metered(content, member, counts=counts)


@hookimpl
def made_up_member(customer_id: int, wishes: Mapping[str, str]) -> None:
    """Give a made-up member a tier and points."""
    made_up.equip(customer_id, wishes)


@hookimpl
def access_rules() -> Sequence[Choice]:
    """Name the rules that pages, menu lines, forms and files may use."""
    return [Choice(key, policy.title) for key, policy in policies.rule_book().rules.items()]


@hookimpl
def limit_devices(customer_id: int) -> int | None:
    """Say on how many devices a member's tiers let them be logged in."""
    return queries.devices_of(customer_id)


@hookimpl
def before_withdrawal(customer_id: int) -> Sequence[str]:
    """Say which rank and points a member would lose."""
    return leaving.losses(customer_id)


@hookimpl
def refuse_withdrawal(customer_id: int) -> Sequence[str]:
    """Keep members who owe something, where the owner wants it so."""
    return leaving.unpaid(customer_id)


@hookimpl
def register_mail_templates() -> Sequence[MailTemplate]:
    """Bring the mails about joining, paying, seats, terms, points and ranks."""
    return (
        *mails.TEMPLATES,
        *points_mails.TEMPLATES,
        *membership_mails.mail_templates(),
        *ranks_mails.TEMPLATES,
    )


@hookimpl
def staff_notices(account: Any) -> Sequence[StaffNotice]:
    """Say when the work on expired memberships is late."""
    return membership_notices.staff_notices(account)


@hookimpl
def member_withdrawn(customer_id: int) -> None:
    """End memberships and void points."""
    leaving.close(customer_id)


@hookimpl
def customer_merging(kept_id: int, merged_id: int) -> Any:
    """Move memberships and points."""
    return merging.merge(kept_id, merged_id)


@hookimpl
def customer_unmerging(kept_id: int, merged_id: int, note: Any) -> Sequence[Any]:
    """Give memberships and points back to the customer who was merged."""
    return merging.unmerge(kept_id, merged_id, note)


@hookimpl
def customer_erasing(customer_id: int) -> None:
    """Forget the person, keep the sums."""
    people.erase(customer_id)


@hookimpl
def customer_data(customer_id: int, for_member: bool) -> Mapping[str, Any]:
    """Report memberships, points and unlocked pages."""
    return people.report(customer_id, with_notes=not for_member)


@hookimpl
def erasing_summary(customer_id: int) -> Sequence[ErasingLine]:
    """Count what goes, and the entries that stay."""
    return people.summary(customer_id)


@hookimpl
def retained_customers() -> ColumnElement[bool]:
    """Keep members and people with points."""
    return people.retained()


@hookimpl
def disable_consequences() -> Sequence[Any]:
    """Say what disabling the plugin will hide."""
    return admin_panels.disable_consequences()


@hookimpl
def fill_demo(people: Sequence[int], named: Mapping[str, int], seed: int) -> None:
    """Make the demo's tiers, memberships and points."""
    demo.fill_demo(people, named, seed)


@hookimpl
def plant_canaries(garden: Garden) -> None:
    """Let the leak test meet a member of each tier, and look for what they may not read."""
    planting.plant(garden)


@hookimpl(optionalhook=True)
def wordpress_kinds() -> Sequence[str]:
    """Say that levels and memberships of a WordPress site are ours."""
    return moving_in.KINDS


@hookimpl(optionalhook=True)
def take_wordpress_row(
    kind: str, values: Mapping[str, Any], links: Mapping[str, Any], by: int | None
) -> Mapping[str, Any] | None:
    """Take a level or a membership of a WordPress site."""
    return moving_in.take_row(kind, values, links, by)
