"""Rights and navigation of the plugin."""

from core.api import AuditAction, AuditTarget, MenuItem, OptionKind, PageOption, Permission, _l

from .exports import EXPORT
from .paying.lists import APPLICATIONS_EDIT
from .paying.queries import waiting_count
from .points.ledger import MAX_AMOUNT
from .points.queries import frozen_accounts

TIERS_EDIT = "member_tiers.tiers.edit"
MEMBERSHIPS_EDIT = "member_tiers.memberships.edit"
POINTS_SEE = "member_tiers.points.see"
POINTS_EDIT = "member_tiers.points.edit"
ACCESS_EDIT = "member_tiers.access.edit"

PERMISSIONS = (
    Permission(TIERS_EDIT, _l("Manage tiers")),
    Permission(MEMBERSHIPS_EDIT, _l("Manage memberships"), _l("See, give, change and end memberships.")),
    Permission(
        APPLICATIONS_EDIT,
        _l("Manage applications and payments"),
        _l("Approve and refuse applications, write invoices, record payments."),
    ),
    Permission(POINTS_SEE, _l("See points")),
    Permission(POINTS_EDIT, _l("Give and take points")),
    Permission(ACCESS_EDIT, _l("Decide who may read which page")),
    Permission(EXPORT, _l("Take memberships and points out"), _l("Download them as files.")),
)

MENU = (
    MenuItem(
        "members", _l("Memberships"), "member_tiers_admin.memberships", MEMBERSHIPS_EDIT, "id-badge-2", 10
    ),
    MenuItem(
        "members",
        _l("Applications"),
        "member_tiers_admin.applications",
        APPLICATIONS_EDIT,
        "clipboard-check",
        12,
        badge=waiting_count,
    ),
    MenuItem("members", _l("Invoices"), "member_tiers_admin.invoices", APPLICATIONS_EDIT, "file-invoice", 14),
    MenuItem("members", _l("Report"), "member_tiers_admin.report", MEMBERSHIPS_EDIT, "chart-line", 16),
    MenuItem(
        "members", _l("Points"), "member_tiers_admin.entries", POINTS_SEE, "coins", 20, badge=frozen_accounts
    ),
    MenuItem("members", _l("Tiers"), "member_tiers_admin.tiers", TIERS_EDIT, "crown", 30),
    MenuItem("members", _l("Automatic ranks"), "member_tiers_admin.ranks", TIERS_EDIT, "star", 35),
    MenuItem("members", _l("Who may read what"), "member_tiers_admin.access", ACCESS_EDIT, "shield-lock", 40),
)

PAGE_OPTIONS = (
    PageOption(
        "drip_days",
        _l("Only after so many days of membership"),
        _l(
            "Instead of what the rule says. Days on which a membership counted; pauses and gaps do not count."
        ),
        minimum=0,
        maximum=3660,
    ),
    PageOption("opens_at", _l("Opens on"), _l("Instead of what the rule says."), kind=OptionKind.MOMENT),
    PageOption("closes_at", _l("Closes on"), _l("Instead of what the rule says."), kind=OptionKind.MOMENT),
    PageOption(
        "is_metered",
        _l("Metered reading"),
        _l("Others may read a few of these pages a month, as many as is set for them."),
        kind=OptionKind.FLAG,
    ),
    PageOption(
        "unlock_price",
        _l("Unlock price in points"),
        _l("Members who do not meet the rule can open the page for this. Empty: not for sale."),
        minimum=1,
        maximum=MAX_AMOUNT,
    ),
)

LADDER = AuditTarget("ladder", _l("Ladder"), "member_tiers_admin.edit_ladder", "ladder_id")
TIER = AuditTarget("tier", _l("Tier"), "member_tiers_admin.edit_tier", "tier_id")
MEMBERSHIP = AuditTarget("membership", _l("Membership"), "member_tiers_admin.membership", "membership_id")
INVOICE = AuditTarget("invoice", _l("Invoice"), "member_tiers_admin.invoice", "invoice_id")
RANKS = AuditTarget("rank_plan", _l("Automatic ranks"), "member_tiers_admin.rank_plan", "ladder_id")
ENTRY = AuditTarget("point_entry", _l("Point entry"), "member_tiers_admin.entry", "entry_id")
RULE = AuditTarget("access_rule", _l("Rule"), "member_tiers_admin.edit_rule", "rule_id")
POINT_RULE = AuditTarget("point_rule", _l("Earning rule"), "member_tiers_admin.edit_point_rule", "rule_id")
AUDIT_ACTIONS = (
    AuditAction("member_tiers.rule_made", _l("Rule made"), RULE),
    AuditAction("member_tiers.rule_changed", _l("Rule changed")),
    AuditAction("member_tiers.rule_deleted", _l("Rule deleted")),
    AuditAction("member_tiers.default_rule_set", _l("Default rule set or taken away")),
    AuditAction("member_tiers.allowances_set", _l("Metered reading changed")),
    AuditAction("member_tiers.ladder_created", _l("Ladder made"), LADDER),
    AuditAction("member_tiers.ladder_changed", _l("Ladder changed")),
    AuditAction("member_tiers.ladder_deleted", _l("Ladder deleted")),
    AuditAction("member_tiers.tier_created", _l("Tier made"), TIER),
    AuditAction("member_tiers.tier_changed", _l("Tier changed")),
    AuditAction("member_tiers.tier_deleted", _l("Tier deleted")),
    AuditAction("member_tiers.tiers_ordered", _l("Order of the tiers changed")),
    AuditAction("member_tiers.membership_given", _l("Membership given"), MEMBERSHIP),
    AuditAction("member_tiers.membership_rescheduled", _l("Dates of a membership changed")),
    AuditAction("member_tiers.membership_ended", _l("Membership ended")),
    AuditAction("member_tiers.membership_cancelled", _l("Membership cancelled")),
    AuditAction("member_tiers.membership_applied", _l("Membership applied for")),
    AuditAction("member_tiers.membership_approved", _l("Membership approved")),
    AuditAction("member_tiers.membership_refused", _l("Membership refused")),
    AuditAction("member_tiers.membership_invoiced", _l("Membership invoiced")),
    AuditAction("member_tiers.membership_paid", _l("Membership paid")),
    AuditAction("member_tiers.membership_renewed", _l("Membership renewed")),
    AuditAction("member_tiers.membership_paused", _l("Membership paused")),
    AuditAction("member_tiers.membership_resumed", _l("Membership goes on")),
    AuditAction("member_tiers.membership_reinstated", _l("Cancellation of a membership withdrawn")),
    AuditAction("member_tiers.membership_taken_back", _l("Membership taken back")),
    AuditAction("member_tiers.membership_unpaid", _l("Payment of a membership taken back")),
    AuditAction("member_tiers.plan_saved", _l("Payment and seats of a tier changed")),
    AuditAction("member_tiers.invoice_issued", _l("Invoice written"), INVOICE),
    AuditAction("member_tiers.invoice_failed", _l("Payment of an invoice failed")),
    AuditAction("member_tiers.invoice_void", _l("Invoice taken back")),
    AuditAction("member_tiers.invoice_named", _l("Payment number of an invoice kept")),
    AuditAction("member_tiers.payment_recorded", _l("Payment recorded")),
    AuditAction("member_tiers.seat_offered", _l("Seat offered")),
    AuditAction("member_tiers.seat_taken", _l("Seat taken")),
    AuditAction("member_tiers.seat_removed", _l("Seat taken back")),
    AuditAction("member_tiers.rank_plan_changed", _l("Automatic ranks changed"), RANKS),
    AuditAction("member_tiers.rank_rule_changed", _l("What a rank needs changed")),
    AuditAction("member_tiers.rank_rule_deleted", _l("A rank is no longer given by itself")),
    AuditAction("member_tiers.rank_locked", _l("Rank of a customer locked")),
    AuditAction("member_tiers.rank_unlocked", _l("Rank of a customer unlocked")),
    AuditAction("member_tiers.points_adjusted", _l("Points given or taken by hand")),
    AuditAction("member_tiers.points_given_by_rule", _l("Points given by a rule for staff")),
    AuditAction("member_tiers.points_given_back", _l("Points given back"), ENTRY),
    AuditAction("member_tiers.points_frozen", _l("Points frozen, because the sums do not agree")),
    AuditAction("member_tiers.points_released", _l("Frozen points released")),
    AuditAction("member_tiers.points_read_in", _l("Points read in from a file")),
    AuditAction("member_tiers.points_handed_on", _l("Points handed on by a member")),
    AuditAction("member_tiers.point_rule_made", _l("Earning rule made"), POINT_RULE),
    AuditAction("member_tiers.point_rule_changed", _l("Earning rule changed")),
    AuditAction("member_tiers.point_rule_deleted", _l("Earning rule deleted")),
)
