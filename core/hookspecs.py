"""Every hook of core. The docstrings are the reference; `docs/plugins.md` lists them.

All arguments are passed by name: an implementation lists only those it uses. Core calls the
implementations in dependency order, one by one through a guard, and combines the results
itself. The kind of a hook (see KINDS) says what an exception in it means.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
import pluggy
from flask import Blueprint
from markupsafe import Markup
from sqlalchemy import ColumnElement

from core.activity.actions import AuditAction
from core.admin.registrations import Card, MenuItem, SettingsPage, StaffNotice
from core.conditions.fields import Choice
from core.content.access import Access, ContentRef
from core.content.kinds import ContentKind
from core.content.page_options import PageOption
from core.customers.fields import CustomerField
from core.customers.panels import Panel
from core.exports.registry import Export
from core.imports.kinds.contract import ImportKind
from core.jobs.registry import Job
from core.mail.templates import MailTemplate
from core.security.permissions import Permission
from core.theming.tags import TemplateTag

if TYPE_CHECKING:
    from core.activity.models import Activity
    from core.customers.erasing_lines import ErasingLine
    from core.customers.models import Customer
    from core.customers.report_files import CustomerFile
    from core.leaks.garden import Garden

hookspec = pluggy.HookspecMarker("kaiin")


# Declarations. Called once when a snapshot is built (blueprints and commands: once at start).
# Pure: no request, no database. An exception marks the plugin as failed.


@hookspec
def register_blueprints() -> Sequence[Blueprint]:
    """Return blueprints named `<plugin>` (site, under `/<url_prefix>`) or `<plugin>_admin`.

    Core adds the prefixes. Every view needs an access rule; static files are served by core
    from the plugin's `static/` folder.
    """


@hookspec
def register_commands() -> Sequence[click.Command]:
    """Return click commands; they appear as `kaiin <plugin> <command>`."""


@hookspec
def register_permissions() -> Sequence[Permission]:
    """Return the rights that the plugin's views ask for, each named `<plugin>.…`."""


@hookspec
def register_settings() -> SettingsPage:
    """Return the plugin's settings form and its defaults; read them with `plugin_settings()`."""


@hookspec
def register_menu_items() -> Sequence[MenuItem]:
    """Return lines for the admin's navigation."""


@hookspec
def register_template_tags() -> Sequence[TemplateTag]:
    """Return tags for themes and page text."""


@hookspec
def register_customer_fields() -> Sequence[CustomerField]:
    """Return fields of the customer that live in the plugin's tables."""


@hookspec
def register_exports() -> Sequence[Export]:
    """Return tables that can be taken out as a file."""


@hookspec
def register_jobs() -> Sequence[Job]:
    """Return the kinds of background work that the plugin does."""


@hookspec
def register_mail_templates() -> Sequence[MailTemplate]:
    """Return the kinds of mail that the plugin sends."""


@hookspec
def register_page_options() -> Sequence[PageOption]:
    """Return numbers that the plugin keeps for a page; the page editor asks for them."""


@hookspec
def register_audit_actions() -> Sequence[AuditAction]:
    """Return in words what the plugin writes with `record_audit()`; names begin with the plugin's."""


@hookspec
def register_content_kinds() -> Sequence[ContentKind]:
    """Return kinds of content beside pages, such as files: rules can open them as they open pages."""


@hookspec
def register_import_kinds() -> Sequence[ImportKind]:
    """Return kinds of rows that files may bring in, beside customers and companies."""


# Pieces of a screen. An exception means that the piece is missing.


@hookspec
def dashboard_cards(account: Any) -> Sequence[Card]:
    """Return cards for the admin's first page. `account` is the signed-in staff account."""


@hookspec
def staff_notices(account: Any) -> Sequence[StaffNotice]:
    """Return what staff should know wherever they are, for those who may act on it."""


@hookspec
def customer_panels(customer: "Customer", account: Any) -> Sequence[Panel]:
    """Return panels for the admin page of `customer`."""


@hookspec
def before_erasing(customer_id: int) -> Sequence[Any]:
    """Return in words, one line each, what staff should know before they erase a person."""


@hookspec
def before_withdrawal(customer_id: int) -> Sequence[Any]:
    """Return in words, one line each, what a member loses by leaving; nothing changes yet."""


@hookspec
def refuse_withdrawal(customer_id: int) -> Sequence[Any]:
    """Return in words, one line each, what a member has to settle before leaving, e.g. an unpaid invoice.

    Any line keeps the member from leaving by themselves. A plugin that fails keeps nobody.
    """


@hookspec
def render_slot(slot: str, context: Mapping[str, Any]) -> Markup | None:
    """Return output for a named place of the theme, or None.

    Slots: head, body_start, body_end, page_after, account_panels, account_links, footer. Mark it with
    `@fills("footer", …)`: then it is not asked for other slots, at every page.
    """


# Access. An exception means: not granted.


@hookspec
def content_access(content: ContentRef, member: int | None) -> Access | None:
    """Say whether `member` (a customer id, None for guests) may read restricted `content`.

    None means: no opinion. One grant opens; when nobody grants, the offers are shown.
    """


@hookspec
def content_preparing(contents: Sequence[ContentRef], member: int) -> None:
    """Find out at once what `content_access` will be asked about each of `contents` in this request.

    Only so that many of them cost few questions to the database; the answers stay the same without.
    """


@hookspec
def content_reading(content: ContentRef, member: int | None, counts: bool) -> Access | None:
    """Say whether somebody whom no rule lets in may read restricted `content` this once, and count it.

    Asked only when the whole of it is about to be shown or handed out, never for lists or previews;
    None means no. Without `counts` it is only asked whether they may: nothing must be counted.
    """


@hookspec
def made_up_member(customer_id: int, wishes: Mapping[str, str]) -> None:
    """Give a made-up member what staff wish for, e.g. a tier. It is undone when the request ends."""


@hookspec
def access_rules() -> Sequence[Choice]:
    """Return the rules that pages, menu lines, forms and files may name, as (name, title).

    The plugin answers `content_access` for content whose `rule_name` is one of them.
    """


@hookspec
def visible_activities(account: Any) -> ColumnElement[bool] | None:
    """Return the criterion of timeline lines (`Activity`) that staff may see, None for all of them.

    Asked for every signed-in account but owners. An exception hides the plugin's own lines.
    """


# Questions. An exception means that the plugin has no answer.


@hookspec
def limit_devices(customer_id: int) -> int | None:
    """Say on how many devices this member may be logged in at once; 0 is any number.

    Asked once in a log-in, never of staff. An answer replaces the number of the role; of several
    the most generous counts. None: no opinion.
    """


# Events, past tense: after the commit, each plugin in its own transaction. Logged when they fail.


@hookspec
def customer_created(customer_id: int) -> None:
    """Tell that a customer was created."""


@hookspec
def customer_updated(customer_id: int, changes: Mapping[str, tuple[Any, Any]]) -> None:
    """Tell that a customer changed; `changes` maps field names to (old, new)."""


@hookspec
def customer_merged(kept_id: int, merged_id: int) -> None:
    """Tell that two customers became one; `merged_id` no longer exists."""


@hookspec
def customer_unmerged(kept_id: int, merged_id: int) -> None:
    """Tell that a merge was taken back; both customers exist again."""


@hookspec
def member_registered(customer_id: int, account_id: int) -> None:
    """Tell that a member account was made."""


@hookspec
def member_logged_in(customer_id: int, account_id: int) -> None:
    """Tell that a member logged in."""


@hookspec
def member_withdrawn(customer_id: int) -> None:
    """Tell that a member has left for good: the time to come back is over, the account is gone."""


@hookspec
def activity_recorded(activity: "Activity") -> None:
    """Tell that a line was added to a customer's timeline.

    The activity of a line that was written together with many others is detached from the session.
    """


# Present participle: inside the caller's transaction, also for disabled plugins that have
# tables. An exception cancels the whole operation.


@hookspec
def customer_merging(kept_id: int, merged_id: int) -> Any:
    """Move the plugin's rows from `merged_id` to `kept_id`.

    Return what `customer_unmerging` needs to take it back, as JSON values, or None. Core keeps it
    as personal data: some weeks long, and no longer than the customer.
    """


@hookspec
def customer_unmerging(kept_id: int, merged_id: int, note: Any) -> Sequence[Any]:
    """Take back what `customer_merging` did; `note` is what it returned then.

    `merged_id` exists again. Leave what changed since with `kept_id`, and return in words, one
    line each, what that is.
    """


@hookspec
def customer_erasing(customer_id: int) -> None:
    """Delete or anonymise what the plugin knows about the person; sums may stay."""


@hookspec
def customer_data(customer_id: int, for_member: bool) -> Mapping[str, Any]:
    """Return what the plugin knows about the person, as JSON values, for a data report.

    `for_member` is true for the file that members download by themselves: what staff note for
    each other is left out of it. The owner's report holds everything.
    """


@hookspec
def customer_files(customer_id: int, for_member: bool) -> "Sequence[CustomerFile]":
    """Return the files that came from the person and may be handed out, for a data report."""


@hookspec
def erasing_summary(customer_id: int) -> "Sequence[ErasingLine]":
    """Return what `customer_erasing` takes and leaves of the plugin's rows, in numbers.

    Staff see it before they erase, and the certificate keeps it: nothing about the person in it.
    """


@hookspec
def retained_customers() -> ColumnElement[bool] | None:
    """Return the criterion of customers (`Customer`) whom the retention of leads must leave alone.

    Members, people with points, people whose message waits for an answer. None for nobody.
    """


# Own life, called for that plugin only. An exception cancels the change.


@hookspec
def plugin_enabled() -> None:
    """Prepare for work; runs in the transaction that enables the plugin."""


@hookspec
def plugin_disabled() -> None:
    """Clean up; data must be kept."""


@hookspec
def plugin_uninstalling() -> None:
    """Give back what lies outside the plugin's tables; they are dropped afterwards."""


@hookspec
def fill_demo(people: Sequence[int], named: Mapping[str, int], seed: int) -> None:
    """Write lively sample data for `kaiin demo`, in its transaction, with randomness from `seed`.

    `people` are the customer ids of the demo, `named` those of its log-ins (`gold`, `free`).
    """


@hookspec
def plant_canaries(garden: "Garden") -> None:
    """Plant people and secret words for the leak test, in what the plugin closes.

    Called in its own transaction in a copy of the site that has no customers and is thrown away.
    """


@hookspec
def disable_consequences() -> Sequence[Any]:
    """Return sentences with numbers that say what disabling the plugin will do."""


DECLARATION, SCREEN, ACCESS, QUESTION, EVENT, STRICT, LIFE = (
    "declaration",
    "screen",
    "access",
    "question",
    "event",
    "strict",
    "life",
)

KINDS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "register_blueprints",
            "register_commands",
            "register_permissions",
            "register_settings",
            "register_menu_items",
            "register_template_tags",
            "register_customer_fields",
            "register_exports",
            "register_jobs",
            "register_mail_templates",
            "register_page_options",
            "register_audit_actions",
            "register_content_kinds",
            "register_import_kinds",
        ),
        DECLARATION,
    ),
    **dict.fromkeys(
        (
            "dashboard_cards",
            "staff_notices",
            "customer_panels",
            "before_erasing",
            "before_withdrawal",
            "refuse_withdrawal",
            "render_slot",
            "disable_consequences",
        ),
        SCREEN,
    ),
    **dict.fromkeys(
        ("content_access", "content_preparing", "content_reading", "access_rules", "visible_activities"),
        ACCESS,
    ),
    **dict.fromkeys(("limit_devices", "made_up_member"), QUESTION),
    **dict.fromkeys(
        (
            "customer_created",
            "customer_updated",
            "customer_merged",
            "customer_unmerged",
            "member_registered",
            "member_logged_in",
            "member_withdrawn",
            "activity_recorded",
        ),
        EVENT,
    ),
    **dict.fromkeys(
        (
            "customer_merging",
            "customer_unmerging",
            "customer_erasing",
            "customer_data",
            "customer_files",
            "erasing_summary",
            "retained_customers",
        ),
        STRICT,
    ),
    **dict.fromkeys(
        ("plugin_enabled", "plugin_disabled", "plugin_uninstalling", "fill_demo", "plant_canaries"), LIFE
    ),
}
