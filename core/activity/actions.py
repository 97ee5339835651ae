"""What the audit log can say: a name for programs and filters, a sentence for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.i18n import _l


@dataclass(frozen=True, slots=True)
class AuditTarget:
    """A kind of thing that entries are about: what it is called, and the admin page that shows one.

    `endpoint` takes the thing's number as `argument`; without one the number is no link.
    """

    kind: str
    title: Any
    endpoint: str = ""
    argument: str = ""


@dataclass(frozen=True, slots=True)
class AuditAction:
    """A kind of entry; `name` is what `record_audit()` is given, `title` a short sentence.

    `target` explains the kind of thing that the entries are about; one action of each kind is enough.
    """

    name: str
    title: Any
    target: AuditTarget | None = None


_ACCOUNT = AuditTarget("account", _l("Account"), "admin.log_ins", "account_id")
_CUSTOMER = AuditTarget("customer", _l("Customer"), "customers_admin.customer", "customer_id")
_COMPANY = AuditTarget("company", _l("Company record"), "customers_admin.company", "company_id")
_EXPORT = AuditTarget("export", _l("Export"), "exports_admin.show", "entry_id")
_FIELD = AuditTarget("field", _l("Field"), "customers_admin.edit_field", "field_id")
_FIELD_GROUP = AuditTarget(
    "field_group", _l("Group of fields"), "customers_admin.edit_field_group", "group_id"
)
_BULK = AuditTarget("bulk", _l("Change to many customers"), "bulk_admin.show", "run_id")
_IMPORT = AuditTarget("import", _l("Import"), "imports_admin.show", "import_id")
_PRIVACY = AuditTarget("privacy_request", _l("Privacy request"), "privacy_admin.show", "request_id")
_LABEL = AuditTarget("label", _l("Label"), "customers_admin.edit_label", "label_id")
_PAGE = AuditTarget("page", _l("Page"), "content_admin.edit_page", "page_id")
_TOUCH_KIND = AuditTarget("touch_kind", _l("Kind of contact"), "customers_admin.edit_touch_kind", "kind_id")
_TEAM = AuditTarget("team", _l("Team"), "admin.team", "team_id")
_LEAK_TEST = AuditTarget("leak_test", _l("Leak test"))
_ROLE = AuditTarget("role", _l("Role"), "admin.role", "role_id")


def _privacy_actions() -> Sequence[AuditAction]:
    return [
        AuditAction("privacy.received", _l("Privacy request received"), _PRIVACY),
        AuditAction("privacy.asked", _l("Privacy request made by a member")),
        AuditAction("privacy.assigned", _l("Privacy request: deadline or staff changed")),
        AuditAction("privacy.linked", _l("Privacy request: customer chosen")),
        AuditAction("privacy.identity", _l("Privacy request: identity confirmed")),
        AuditAction("privacy.identity_withdrawn", _l("Privacy request: confirmation taken back")),
        AuditAction("privacy.note", _l("Privacy request: note written")),
        AuditAction("privacy.done", _l("Privacy request answered")),
        AuditAction("privacy.refused", _l("Privacy request refused")),
        AuditAction("privacy.reopened", _l("Privacy request opened again")),
        AuditAction("privacy.package_made", _l("Package of a customer's data made")),
        AuditAction("privacy.package_downloaded", _l("Package of a customer's data downloaded")),
        AuditAction("privacy.package_mailed", _l("Link to a package of data mailed")),
        AuditAction("privacy.package_fetched", _l("Package of data fetched by the customer")),
        AuditAction("privacy.hold_set", _l("Customer held: must not be erased")),
        AuditAction("privacy.hold_released", _l("Hold of a customer released")),
        AuditAction("privacy.retention_saved", _l("Rule on inactive leads saved")),
    ]


def core_audit_actions() -> Sequence[AuditAction]:
    """Return core's own."""
    return [
        AuditAction("account.logged_in", _l("Logged in")),
        AuditAction("account.created", _l("Account made"), _ACCOUNT),
        AuditAction("account.viewed_as", _l("Site seen as a member")),
        AuditAction("account.viewed_as_made_up", _l("Site seen as a made-up member")),
        AuditAction("account.invited_again", _l("Staff invited again")),
        AuditAction("account.hashes_imported", _l("Passwords of another system taken over")),
        AuditAction("account.active", _l("Account opened again")),
        AuditAction("account.disabled", _l("Account closed")),
        AuditAction("account.password_changed", _l("Password changed")),
        AuditAction("account.app_added", _l("Authenticator app set up")),
        AuditAction("account.app_removed", _l("Authenticator app removed")),
        AuditAction("account.passkey_added", _l("Passkey added")),
        AuditAction("account.passkey_removed", _l("Passkey removed")),
        AuditAction("account.recovery_codes_renewed", _l("New recovery codes made")),
        AuditAction("account.recovery_code_used", _l("Recovery code used")),
        AuditAction("account.factors_reset", _l("Second factors of an account removed by an owner")),
        AuditAction("account.device_stolen", _l("Remembered device ended: its cookie was copied")),
        AuditAction("account.confirmed", _l("Confirmed again before something weighty")),
        AuditAction("account.session_ended", _l("Log-in of an account ended")),
        AuditAction("account.wait_released", _l("Wait after failed log-ins ended")),
        AuditAction("accounts.logged_out", _l("Everyone logged out")),
        AuditAction("account.password_reset", _l("Forgotten password replaced")),
        AuditAction("account.email_changed", _l("E-mail address changed")),
        AuditAction("member.invited", _l("Customer invited to become a member"), _CUSTOMER),
        AuditAction("member.approved", _l("Registration approved")),
        AuditAction("member.refused", _l("Registration refused")),
        AuditAction("member.withdrawn", _l("Member left")),
        AuditAction("member.returned", _l("Member came back")),
        AuditAction("member.withdrawal_finished", _l("Withdrawal finished, account deleted")),
        AuditAction("member.feed_made", _l("Member made an address for their own feed")),
        AuditAction("member.feed_revoked", _l("Member ended the address of their own feed")),
        AuditAction("member.data_downloaded", _l("Member downloaded their data")),
        AuditAction("account.role_changed", _l("Account given another role")),
        AuditAction("customer.revealed", _l("Masked value shown"), _CUSTOMER),
        AuditAction("role.saved", _l("Role saved"), _ROLE),
        AuditAction("role.reach_changed", _l("Whose customers a role sees changed"), _ROLE),
        AuditAction("team.saved", _l("Team saved"), _TEAM),
        AuditAction("team.deleted", _l("Team deleted")),
        AuditAction("settings.site.saved", _l("Site settings saved")),
        AuditAction("settings.plugin.saved", _l("Plugin's settings saved")),
        AuditAction("plugin.enabled", _l("Plugin enabled")),
        AuditAction("plugin.disabled", _l("Plugin disabled")),
        AuditAction("plugin.uninstalled", _l("Plugin uninstalled, its data deleted")),
        AuditAction("customer.merged", _l("Customers merged")),
        AuditAction("customer.erased", _l("Customer erased")),
        AuditAction("customer.file_deleted", _l("File of a customer deleted")),
        AuditAction(
            "customer.mailed_though_refused", _l("Mail sent to someone who does not want to be contacted")
        ),
        AuditAction("customer.related", _l("Related person added")),
        AuditAction("customer.unrelated", _l("Related person removed")),
        AuditAction("customer.not_the_same", _l("Two customers said to be different people")),
        AuditAction("customer.maybe_the_same", _l("Customers no longer said to be different people")),
        AuditAction("company.merged", _l("Companies merged"), _COMPANY),
        AuditAction("company.unmerged", _l("Merge of companies taken back"), _COMPANY),
        AuditAction("customer.unmerged", _l("Merge of customers taken back")),
        AuditAction("customer.consent_taken_back", _l("Consent taken back, as told by the customer")),
        AuditAction("activity.deleted", _l("Timeline entry deleted")),
        AuditAction("touch_kind.created", _l("Kind of contact added"), _TOUCH_KIND),
        AuditAction("touch_kind.updated", _l("Kind of contact changed")),
        AuditAction("company.created", _l("Company added"), _COMPANY),
        AuditAction("company.updated", _l("Company changed")),
        AuditAction("company.deleted", _l("Company deleted")),
        AuditAction("field.created", _l("Field added"), _FIELD),
        AuditAction("field.updated", _l("Field changed")),
        AuditAction("field.deleted", _l("Field deleted")),
        AuditAction("field.archived", _l("Field archived")),
        AuditAction("field.restored", _l("Field used again")),
        AuditAction("field.choice_gone", _l("Choice of a field gone")),
        AuditAction("field.rights_changed", _l("Rights on a field changed")),
        AuditAction("field_group.created", _l("Group of fields added"), _FIELD_GROUP),
        AuditAction("field_group.updated", _l("Group of fields changed")),
        AuditAction("field_group.deleted", _l("Group of fields deleted")),
        AuditAction("label.created", _l("Label added"), _LABEL),
        AuditAction("label.updated", _l("Label changed")),
        AuditAction("label.deleted", _l("Label deleted")),
        AuditAction("customers.labelled", _l("Label given to customers")),
        AuditAction("customers.unlabelled", _l("Label taken from customers")),
        AuditAction("bulk.edit_started", _l("Change to many customers begun"), _BULK),
        AuditAction("bulk.erase_started", _l("Erasing of many customers begun"), _BULK),
        AuditAction("bulk.cancelled", _l("Change to many customers cancelled")),
        AuditAction("bulk.undo_started", _l("Change to many customers taken back")),
        AuditAction("export.taken", _l("Data taken out as a file"), _EXPORT),
        AuditAction("export.fetched", _l("File of an export fetched")),
        AuditAction("import.uploaded", _l("File of customers uploaded"), _IMPORT),
        AuditAction("import.discarded", _l("File of customers discarded")),
        AuditAction("import.started", _l("Import of customers begun")),
        AuditAction("import.finished", _l("Import of customers finished")),
        AuditAction("import.undo_started", _l("Undoing of an import begun")),
        AuditAction("import.undone", _l("Import of customers undone")),
        AuditAction("import.errors_downloaded", _l("Refused rows of an import downloaded")),
        *_privacy_actions(),
        AuditAction("content.page.created", _l("Page written"), _PAGE),
        AuditAction("content.page.saved", _l("Page changed")),
        AuditAction("content.page.deleted", _l("Page deleted")),
        AuditAction("content.page.access_changed", _l("Readers of a page changed")),
        AuditAction("demo.filled", _l("Demo made: sample customers, members and history")),
        AuditAction("content.menu.saved", _l("Menu saved")),
        AuditAction("content.leak_test", _l("Leak test asked for"), _LEAK_TEST),
    ]
