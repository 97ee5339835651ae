"""The shop: its name, who works there, its labels and its own fields."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from core.accounts.models import Account
from core.accounts.registration.consent_texts import ConsentKind
from core.accounts.registration.consents import ConsentDraft, save_consent_texts
from core.accounts.services import create_account, save_role, set_password_hash
from core.conditions.fields import FieldType
from core.customers.field_services import FieldDraft, create_custom_field
from core.customers.label_services import create_label, list_labels
from core.customers.services import create_customer
from core.db import db
from core.demo.site import CONSENTS, SITE
from core.plugin_host.snapshot import current_snapshot
from core.security.passwords import hash_password
from core.settings.services import save_site_settings

PASSWORD = "kaiin-demo-2026"  # noqa: S105 - printed on purpose, for a site on this machine only
LABELS = {
    "常連": "green",
    "茶葉の定期便": "blue",
    "法人のお客さま": "purple",
    "茶会": "orange",
    "贈りもの": "pink",
    "要フォロー": "red",
}
FIELDS = (
    FieldDraft(
        *("お好みのお茶", FieldType.CHOICE, "tea"), choices=("煎茶", "玉露", "ほうじ茶", "抹茶", "和紅茶")
    ),
    FieldDraft(
        *("お持ちの道具", FieldType.MULTI, "tools"),
        choices=("急須", "宝瓶", "土瓶", "茶筅・茶碗", "鉄瓶"),
    ),
    FieldDraft("器の展示の案内", FieldType.BOOLEAN, "exhibitions"),
    FieldDraft("最後のお買い物", FieldType.DATE, "last_bought_on"),
    FieldDraft("お買い上げ累計", FieldType.MONEY, "bought_total"),
)
# What the staff of the shop may not do: change the site's foundations.
_OWNERS_ONLY = ("plugins.", "themes.", "settings.", "staff.", "audit.", "customers.erase", "customers.fields")


@dataclass(frozen=True, slots=True)
class Login:
    """One of the accounts that a visitor of the demo can use."""

    email: str
    note: str


OWNER = Login("owner@demo.example", "the owner: everything")
STAFF = Login("staff@demo.example", "a member of staff: the admin, with chosen permissions")
GOLD = Login("gold@demo.example", "a gold member in Tokyo")
FREE = Login("free@demo.example", "a member of the first tier in Osaka")
LOGINS = (OWNER, STAFF, GOLD, FREE)


_MEMBERS: Mapping[Login, Mapping[str, str]] = {
    GOLD: {
        "family_name": "金沢",
        "given_name": "澄子",
        "family_kana": "カナザワ",
        "given_kana": "スミコ",
        "postal_code": "135-0000",
        "prefecture": "13",
        "city": "江東区",
        "phone": "090-0013-0013",
        "birthday": "1979-04-18",
        "sex": "female",
        "rank": "vip",
        "custom_tea": "玉露",
    },
    FREE: {
        "family_name": "早瀬",
        "given_name": "歩",
        "family_kana": "ハヤセ",
        "given_kana": "アユム",
        "postal_code": "530-0000",
        "prefecture": "27",
        "city": "大阪市北区",
        "phone": "090-0027-0027",
        "birthday": "1996-11-02",
        "sex": "male",
        "rank": "new",
        "custom_tea": "ほうじ茶",
    },
}


def is_demo() -> bool:
    """Tell whether this site was made by the demo."""
    return db.session.execute(select(Account.id).where(Account.email == OWNER.email)).first() is not None


def set_up_shop() -> None:
    """Write the settings, labels and fields that everything else refers to."""
    save_site_settings(SITE)
    save_consent_texts(
        [ConsentDraft(ConsentKind(kind), text, is_required=kind != "news") for kind, text in CONSENTS.items()]
    )
    if list_labels():  # an earlier run came this far
        return
    for name, color in LABELS.items():
        create_label(name, color)
    for draft in FIELDS:
        create_custom_field(draft)


def _make_login(email: str, role: str, name: str, customer_id: int | None = None) -> None:
    made = create_account(email, None, role, customer_id=customer_id, display_name=name, language="ja")
    # Everybody knows this password and what it is made of: no site but the demo would accept it.
    set_password_hash(made.id, hash_password(PASSWORD))


def hire_staff() -> None:
    """Create the accounts that open the admin."""
    _make_login(OWNER.email, "Owner", "紡 あかり")
    allowed = [name for name in current_snapshot().permissions if not name.startswith(_OWNERS_ONLY)]
    role = save_role(None, "店舗スタッフ", allowed)
    _make_login(STAFF.email, role.name, "谷口 直人")


def welcome_members() -> dict[str, int]:
    """Create the two members that a visitor can log in as; return their customers' ids."""
    found = {}
    for login, values in _MEMBERS.items():
        shared = {"email": login.email, "stage": "customer", "source": "registration", "may_contact": "yes"}
        customer = create_customer({**shared, **values})
        name = f"{values['family_name']} {values['given_name']}"
        _make_login(login.email, "Member", name, customer.id)
        found[login.email.partition("@")[0]] = customer.id
    return found
