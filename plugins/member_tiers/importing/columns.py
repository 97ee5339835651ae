"""What columns a file of memberships may have, and how its rows find what is there."""

from collections.abc import Iterator, Mapping, Sequence

from core.api import Choice, FieldType, ImportColumn, ImportMatch, _l, current_language

from ..memberships.models import MembershipKind, MembershipStatus
from ..memberships.transitions import WORDS
from ..queries import list_tiers

KINDS: Mapping[str, object] = {
    MembershipKind.REGULAR: _l("Regular membership"),
    MembershipKind.TRIAL: _l("Trial"),
    MembershipKind.COMPLIMENTARY: _l("Complimentary"),
}
# Match a membership by its number, or by customer, tier and first day.
NUMBER, STAY = "number", "stay"

_STATUS_ALIASES: Mapping[str, MembershipStatus] = {
    "有効中": MembershipStatus.ACTIVE,
    "休止": MembershipStatus.PAUSED,
    "休会": MembershipStatus.PAUSED,
    "休会中": MembershipStatus.PAUSED,
    "解約済み": MembershipStatus.CANCELLED,
    "cancelled": MembershipStatus.CANCELLED,
    "終了": MembershipStatus.EXPIRED,
    "退会": MembershipStatus.EXPIRED,
    "申込中": MembershipStatus.APPLIED,
}


def tier_titles() -> Sequence[Choice]:
    """Return each tier under both of its titles, the one of the current language first."""
    return list(_tier_titles())


def _tier_titles() -> Iterator[Choice]:
    for tier in list_tiers():
        titles = [tier.title_ja, tier.title_en or tier.title_ja]
        in_order = titles[::-1] if current_language() == "en" else titles
        yield from (Choice(tier.key, title) for title in dict.fromkeys(in_order))


def status_titles() -> Sequence[Choice]:
    """Return the states, also under what other programs call them."""
    others = [Choice(status, words) for words, status in _STATUS_ALIASES.items()]
    return [*(Choice(status, WORDS[status]) for status in MembershipStatus), *others]


def columns() -> Sequence[ImportColumn]:
    """Return the columns; they are called like those of the export."""
    return [
        ImportColumn(
            NUMBER,
            _l("Membership number"),
            FieldType.INTEGER,
            finds=True,
            aliases=("会員資格ID", "membership id"),
        ),
        ImportColumn(
            "customer_id",
            _l("Customer number"),
            FieldType.INTEGER,
            finds=True,
            aliases=("顧客ID", "顧客コード", "会員番号", "customer id"),
        ),
        ImportColumn(
            "email",
            _l("E-mail"),
            FieldType.EMAIL,
            finds=True,
            customer_field="email",
            aliases=("e-mail address", "email address", "mail", "メール", "Eメール", "メールアドレス"),
        ),
        ImportColumn(
            "tier",
            _l("Tier"),
            FieldType.CHOICE,
            choices=tier_titles,
            required=True,
            aliases=("会員種別", "会員区分", "プラン", "plan", "level", "membership level"),
        ),
        ImportColumn(
            "starts_on",
            _l("First day"),
            FieldType.DATE,
            required=True,
            aliases=("入会日", "有効期間開始", "start date", "from"),
        ),
        ImportColumn(
            "ends_on",
            _l("Last day"),
            FieldType.DATE,
            aliases=("有効期限", "満了日", "end date", "expires", "until"),
        ),
        ImportColumn(
            "status",
            _l("State"),
            FieldType.CHOICE,
            choices=status_titles,
            drifts=True,
            aliases=("status", "会員状態", "ステータス"),
        ),
        ImportColumn(
            "kind",
            _l("Kind"),
            FieldType.CHOICE,
            choices=[Choice(kind, title) for kind, title in KINDS.items()],
        ),
        ImportColumn("paused_on", _l("Paused since"), FieldType.DATE, drifts=True, aliases=("休会日",)),
        ImportColumn("resumes_on", _l("Goes on from"), FieldType.DATE, drifts=True, aliases=("復帰予定日",)),
        ImportColumn("pauses", _l("Pauses"), limit=2000, drifts=True, aliases=("休会期間",)),
        ImportColumn("counted_until", _l("Counted until"), FieldType.DATE, drifts=True),
        ImportColumn("source", _l("Source"), limit=40),
        ImportColumn("note", _l("Note"), limit=500, aliases=("メモ", "備考", "memo", "notes")),
    ]


_CUSTOMER = ("customer_id", "email")
MATCHES = (
    ImportMatch(
        STAY,
        _l("Customer, tier and first day"),
        _l("For lists of other programs, and for files of another site."),
        (_CUSTOMER, ("tier",), ("starts_on",)),
    ),
    ImportMatch(
        NUMBER,
        _l("Membership number"),
        _l("For files that this site exported. An unknown number is refused."),
        ((NUMBER,),),
    ),
)
