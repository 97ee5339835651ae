"""What core's own tables lose and keep when a person is erased."""

from typing import Any

from sqlalchemy import func, or_, select

from core.accounts.member_models import ConsentAnswer, Withdrawal
from core.accounts.models import Account
from core.activity.models import Activity, AuditEntry
from core.bulk.models import BulkRow
from core.customer_files.models import KeptFile
from core.customers.contact_points.models import ContactPoint
from core.customers.contact_points.queries import emails_of
from core.customers.erasing_lines import ErasingLine
from core.customers.merges.models import Merge
from core.customers.models import Customer, CustomValue
from core.customers.relations.models import Relation
from core.customers.values import normalise_email
from core.db import db
from core.i18n import _l
from core.imports.kinds.models import ImportKindRow
from core.imports.models import ImportRow
from core.mail.models import OutboxMail
from core.next_actions.models import NextAction
from core.privacy.models import Package, PrivacyRequest


def core_lines(customer_id: int) -> list[ErasingLine]:
    """Return core's lines, those without any left out; one query."""
    keys = [normalise_email(address) for address in emails_of(customer_id)]
    about = (OutboxMail.related_kind == "customer") & (OutboxMail.related_id == customer_id)
    noted = (AuditEntry.target_kind == "customer") & (AuditEntry.target_id == customer_id)
    either = or_(Relation.customer_id == customer_id, Relation.other_id == customer_id)
    numbers = _l("Number and date without a name: who did what must stay provable")
    asked = _l("Kind, dates and outcome without a name: that it was answered must stay provable")
    going: tuple[tuple[Any, Any, Any], ...] = (
        (_l("Customer record"), Customer.id, Customer.id == customer_id),
        (_l("Values of own fields"), CustomValue.id, CustomValue.customer_id == customer_id),
        (_l("Further contact points"), ContactPoint.id, ContactPoint.customer_id == customer_id),
        (_l("Lines of the timeline"), Activity.id, Activity.customer_id == customer_id),
        (_l("Planned contacts"), NextAction.id, NextAction.customer_id == customer_id),
        (_l("Bonds with other customers"), Relation.id, either),
        (_l("Log-ins"), Account.id, Account.customer_id == customer_id),
        (_l("Answers to consents"), ConsentAnswer.id, ConsentAnswer.customer_id == customer_id),
        (_l("Withdrawals"), Withdrawal.id, Withdrawal.customer_id == customer_id),
        (_l("Files"), KeptFile.id, KeptFile.customer_id == customer_id),
        (_l("Mails"), OutboxMail.id, or_(OutboxMail.to_key.in_(keys), about)),
        (_l("Notes about merges"), Merge.id, Merge.holder_id == customer_id),
        (_l("Lines of imports"), ImportRow.number, ImportRow.customer_id == customer_id),
        (_l("Lines of further imports"), ImportKindRow.number, ImportKindRow.customer_id == customer_id),
        (_l("Lines of changes to many"), BulkRow.run_id, BulkRow.customer_id == customer_id),
        (_l("Packages of data"), Package.id, Package.customer_id == customer_id),
    )
    staying: tuple[tuple[Any, Any, Any, Any], ...] = (
        (_l("Privacy requests"), PrivacyRequest.id, PrivacyRequest.customer_id == customer_id, asked),
        (_l("Entries of the audit log"), AuditEntry.id, noted, numbers),
    )
    columns = [_count(column, criterion) for _title, column, criterion in going]
    columns += [_count(column, criterion) for _title, column, criterion, _why in staying]
    counts = db.session.execute(select(*columns)).one()
    lines = [ErasingLine(title, n) for (title, *_more), n in zip(going, counts, strict=False)]
    kept = zip(staying, counts[len(going) :], strict=True)
    lines += [ErasingLine(title, 0, n, why) for (title, _column, _criterion, why), n in kept]
    return [line for line in lines if line.goes or line.keeps]


def _count(column: Any, criterion: Any) -> Any:
    return select(func.count(column)).where(criterion).scalar_subquery()
