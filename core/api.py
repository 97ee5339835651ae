"""The only module of core that a plugin imports. What is not in `__all__` is not promised."""

import pluggy

from core import masks
from core.accounts.member_link import customer_of_number, resolve_member_link
from core.accounts.models import Role
from core.accounts.queries import find_account, list_staff_roles, mail_recipient, staff_names
from core.accounts.taking_over import take_over_member
from core.activity.actions import AuditAction, AuditTarget
from core.activity.bulk import record_activities
from core.activity.models import Activity
from core.activity.services import record_activity, record_audit
from core.admin import condition_builder
from core.admin.forms import BaseForm, CheckboxesField
from core.admin.listing import BulkAction, EmptyState, Listing, ListView, render_listing
from core.admin.registrations import Card, MenuItem, SettingsGroup, SettingsPage, StaffNotice
from core.admin.rendering import render_admin, render_admin_fragment
from core.admin.staff_forms import role_title
from core.assets import plugin_static, static_url
from core.conditions import check_condition, compile_condition, holds_all_day
from core.conditions import describe as describe_condition
from core.conditions import explain as explain_condition
from core.conditions.fields import Choice, Field, FieldType
from core.conditions.formatting import format_value
from core.content.access import Access, ContentRef, Display, Offer, Visibility
from core.content.access_editor import AccessEditor, open_access, read_access
from core.content.caching import cacheable_answer, keep_private
from core.content.checking import check_page as check_content
from core.content.forms import AccessForm
from core.content.gate import Opened, open_content, open_for_reading, visible_in_lists
from core.content.kinds import ContentKind
from core.content.menu_lines import is_safe_url
from core.content.named_rules import named_rules
from core.content.page_options import OptionKind, PageOption
from core.content.page_views import GateView, gate_view
from core.content.queries import content_ref, content_url, list_restricted_content
from core.content.rule_builder import RuleBuilder, open_builder, read_builder
from core.content.rule_uses import uses_of_rule
from core.content.services import update_content_options, update_content_rule
from core.content.slugs import MAX_SLUG, make_slug
from core.customers.company_services import create_company, update_company
from core.customers.contact_points.queries import email_keys_of, owners_of_emails
from core.customers.erasing_lines import ErasingLine
from core.customers.fields import CustomerField
from core.customers.label_services import add_label_to, create_label, list_labels
from core.customers.lists import label_choices, staff_choices
from core.customers.merges.rows import move_rows, return_rows
from core.customers.models import Company, Customer, Label
from core.customers.panels import Panel
from core.customers.prefectures import PREFECTURES as PREFECTURE_NAMES
from core.customers.queries import find_companies_named, find_customer_by_email, get_customer
from core.customers.reach import acting_for, customer_or_404, everybody, reachable
from core.customers.registry import customer_attributes, customer_fields, read_customer_values
from core.customers.report_files import CustomerFile
from core.customers.services import create_customer, find_or_create_by_email, update_customer
from core.customers.values import normalise_email
from core.db import (
    Base,
    BigIntegerKey,
    IdMixin,
    JSONDocument,
    TimestampMixin,
    UTCDateTime,
    after_commit,
    db,
    in_transaction,
    savepoint,
    transaction,
    utcnow,
)
from core.errors import Conflict, KaiinError, NotAllowed, NotFound, PluginError, ValidationFailed
from core.exports.csv_writer import count_rows, cp932_report, stream_export
from core.exports.encodings import Encoder as CsvEncoder
from core.exports.encodings import LossReport
from core.exports.files import begin_file, make_file
from core.exports.guard import guard_cell
from core.exports.purposes import (
    ExportGrant,
    Purpose,
    Taken,
    TakenAlready,
    new_mark,
    note_export,
    purpose_choices,
    purpose_of_command,
    read_purpose,
)
from core.exports.queries import export_fields, find_export, list_exports
from core.exports.registry import Export
from core.exports.responses import csv_response, xlsx_response
from core.exports.taking import FORMATS as EXPORT_FORMATS
from core.exports.taking import Wish as ExportWish
from core.exports.taking import is_sent_at_once, read_format, take_out
from core.exports.way_out import hands_back
from core.files.content import is_what_it_says, media_type_of
from core.files.endings import DANGEROUS_ENDINGS, KB, MB, ending_of, hides_ending, size_text
from core.files.names import clean_name as clean_file_name
from core.files.orphans import sweep_orphans
from core.files.responses import Handout, download, hand_out, hand_over
from core.files.store import FileStore, FileTooLarge, StorageFailed, StoredFile, file_store
from core.formats import format_date, format_datetime, format_money
from core.i18n import (
    LANGUAGES,
    _,
    _l,
    current_language,
    from_site_time,
    in_language,
    ngettext,
    site_day_begins,
    site_today,
    to_site_time,
)
from core.imports.kinds.contract import (
    ImportColumn,
    ImportJob,
    ImportKind,
    ImportLine,
    ImportMatch,
    ImportRecord,
    ImportRows,
)
from core.imports.kinds.registry import import_url
from core.jobs.context import JobContext
from core.jobs.queries import job_is_open, job_progress
from core.jobs.registry import Job
from core.jobs.services import enqueue
from core.leaks.garden import Canary, Garden
from core.looks.services import note_look
from core.mail.queries import find_mail, mails_by_message_id, mails_for
from core.mail.reasons import reason_in_words
from core.mail.rendering import absolute_url, render_mail
from core.mail.services import forget_mails, mark_bounced, queue_mail, retry_mail
from core.mail.templates import MailTemplate
from core.mail.threads import Thread
from core.plans import most_rows_pass
from core.plugin_host.guards import call_plugin, collect, notify
from core.plugin_host.snapshot import current_snapshot
from core.prepared import PreparedQuery, PreparedWrite, insert_rows
from core.row_ids import reserve_ids
from core.search import index as index_text
from core.search import matches as text_matches
from core.search import remove as remove_text
from core.security.access import (
    accepts_cached_pages,
    access_rule_of,
    member_required,
    open_api,
    permission_required,
    public,
    signed,
)
from core.security.bodies import takes_up_to
from core.security.csrf import csrf_input, csrf_token
from core.security.gate import signed_data, wants_json
from core.security.headers import allow_framing_by_this_site
from core.security.made_up import clean_wishes, made_up_customer
from core.security.network import client_network
from core.security.permissions import Permission
from core.security.redirects import safe_target
from core.security.sealing import CannotOpen, seal, unseal
from core.security.session_ends import end_sessions_of_role
from core.security.sessions import SignedInAccount, current_account, current_member_id
from core.security.signing import is_keyed_hash, keyed_hash, sign, unsign
from core.security.step_up import recent_log_in
from core.security.throttling import hit as throttle_hit
from core.security.view_as import start_made_up
from core.settings.queries import plugin_settings
from core.settings.services import bump_version, save_plugin_settings
from core.text import fold
from core.theming.forms import ChoiceView, FieldView, FormView, form_view
from core.theming.rendering import render_site, render_site_fragment
from core.theming.slots import fills
from core.theming.tags import Argument, ArgumentType, TagContext, TemplateTag
from core.theming.view_objects import view_object

hookimpl = pluggy.HookimplMarker("kaiin")

__all__ = [
    "DANGEROUS_ENDINGS",
    "EXPORT_FORMATS",
    "KB",
    "LANGUAGES",
    "MAX_SLUG",
    "MB",
    "PREFECTURE_NAMES",
    "Access",
    "AccessEditor",
    "AccessForm",
    "Activity",
    "Argument",
    "ArgumentType",
    "AuditAction",
    "AuditTarget",
    "Base",
    "BaseForm",
    "BigIntegerKey",
    "BulkAction",
    "Canary",
    "CannotOpen",
    "Card",
    "CheckboxesField",
    "Choice",
    "ChoiceView",
    "Company",
    "Conflict",
    "ContentKind",
    "ContentRef",
    "CsvEncoder",
    "Customer",
    "CustomerField",
    "CustomerFile",
    "Display",
    "EmptyState",
    "ErasingLine",
    "Export",
    "ExportGrant",
    "ExportWish",
    "Field",
    "FieldType",
    "FieldView",
    "FileStore",
    "FileTooLarge",
    "FormView",
    "Garden",
    "GateView",
    "Handout",
    "IdMixin",
    "ImportColumn",
    "ImportJob",
    "ImportKind",
    "ImportLine",
    "ImportMatch",
    "ImportRecord",
    "ImportRows",
    "JSONDocument",
    "Job",
    "JobContext",
    "KaiinError",
    "Label",
    "ListView",
    "Listing",
    "LossReport",
    "MailTemplate",
    "MenuItem",
    "NotAllowed",
    "NotFound",
    "Offer",
    "Opened",
    "OptionKind",
    "PageOption",
    "Panel",
    "Permission",
    "PluginError",
    "PreparedQuery",
    "PreparedWrite",
    "Purpose",
    "Role",
    "RuleBuilder",
    "SettingsGroup",
    "SettingsPage",
    "SignedInAccount",
    "StaffNotice",
    "StorageFailed",
    "StoredFile",
    "TagContext",
    "Taken",
    "TakenAlready",
    "TemplateTag",
    "Thread",
    "TimestampMixin",
    "UTCDateTime",
    "ValidationFailed",
    "Visibility",
    "_",
    "_l",
    "absolute_url",
    "accepts_cached_pages",
    "access_rule_of",
    "acting_for",
    "add_label_to",
    "after_commit",
    "allow_framing_by_this_site",
    "begin_file",
    "bump_version",
    "cacheable_answer",
    "call_plugin",
    "check_condition",
    "check_content",
    "clean_file_name",
    "clean_wishes",
    "client_network",
    "collect",
    "compile_condition",
    "condition_builder",
    "content_ref",
    "content_url",
    "count_rows",
    "cp932_report",
    "create_company",
    "create_customer",
    "create_label",
    "csrf_input",
    "csrf_token",
    "csv_response",
    "current_account",
    "current_language",
    "current_member_id",
    "current_snapshot",
    "customer_attributes",
    "customer_fields",
    "customer_of_number",
    "customer_or_404",
    "db",
    "describe_condition",
    "download",
    "email_keys_of",
    "end_sessions_of_role",
    "ending_of",
    "enqueue",
    "everybody",
    "explain_condition",
    "export_fields",
    "file_store",
    "fills",
    "find_account",
    "find_companies_named",
    "find_customer_by_email",
    "find_export",
    "find_mail",
    "find_or_create_by_email",
    "fold",
    "forget_mails",
    "form_view",
    "format_date",
    "format_datetime",
    "format_money",
    "format_value",
    "from_site_time",
    "gate_view",
    "get_customer",
    "guard_cell",
    "hand_out",
    "hand_over",
    "hands_back",
    "hides_ending",
    "holds_all_day",
    "hookimpl",
    "import_url",
    "in_language",
    "in_transaction",
    "index_text",
    "insert_rows",
    "is_keyed_hash",
    "is_safe_url",
    "is_sent_at_once",
    "is_what_it_says",
    "job_is_open",
    "job_progress",
    "keep_private",
    "keyed_hash",
    "label_choices",
    "list_exports",
    "list_labels",
    "list_restricted_content",
    "list_staff_roles",
    "made_up_customer",
    "mail_recipient",
    "mails_by_message_id",
    "mails_for",
    "make_file",
    "make_slug",
    "mark_bounced",
    "masks",
    "media_type_of",
    "member_required",
    "most_rows_pass",
    "move_rows",
    "named_rules",
    "new_mark",
    "ngettext",
    "normalise_email",
    "note_export",
    "note_look",
    "notify",
    "open_access",
    "open_api",
    "open_builder",
    "open_content",
    "open_for_reading",
    "owners_of_emails",
    "permission_required",
    "plugin_settings",
    "plugin_static",
    "public",
    "purpose_choices",
    "purpose_of_command",
    "queue_mail",
    "reachable",
    "read_access",
    "read_builder",
    "read_customer_values",
    "read_format",
    "read_purpose",
    "reason_in_words",
    "recent_log_in",
    "record_activities",
    "record_activity",
    "record_audit",
    "remove_text",
    "render_admin",
    "render_admin_fragment",
    "render_listing",
    "render_mail",
    "render_site",
    "render_site_fragment",
    "reserve_ids",
    "resolve_member_link",
    "retry_mail",
    "return_rows",
    "role_title",
    "safe_target",
    "save_plugin_settings",
    "savepoint",
    "seal",
    "sign",
    "signed",
    "signed_data",
    "site_day_begins",
    "site_today",
    "size_text",
    "staff_choices",
    "staff_names",
    "start_made_up",
    "static_url",
    "stream_export",
    "sweep_orphans",
    "take_out",
    "take_over_member",
    "takes_up_to",
    "text_matches",
    "throttle_hit",
    "to_site_time",
    "transaction",
    "unseal",
    "unsign",
    "update_company",
    "update_content_options",
    "update_content_rule",
    "update_customer",
    "uses_of_rule",
    "utcnow",
    "view_object",
    "visible_in_lists",
    "wants_json",
    "xlsx_response",
]
