"""A small shop: forms, tiers, points, pages of every kind, and one person for each way to look at them.

Each closed text holds a canary: a word that nobody else's page, file or error may ever hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.content.services import save_page
from core.db import transaction
from core.i18n import site_today
from core.plugin_host import lifecycle
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_plugin_settings, save_site_settings
from core.testing.factories import make_account, make_customer, make_staff
from plugins.contact_forms.builder.building import create_form
from plugins.contact_forms.definition.definitions import FieldDefinition, Kind, SavesAs
from plugins.member_tiers import services
from plugins.member_tiers.points import ledger

PLUGINS = ("contact_forms", "member_tiers", "csv_export")
OWNER = "owner@shop.example.jp"
STAFF = "staff@shop.example.jp"
NOTICES = "counter@shop.example.jp"

GOLD_RULE = {"field": "tier", "op": "in", "value": ["gold"]}
POINTS_RULE = {"field": "points", "op": "gte", "value": 100}
TOKYO_RULE = {"field": "prefecture", "op": "in", "value": ["13"]}
UNLOCK_PRICE = 50

# People by how they are called in tests: prefecture, tier (with days until it ends), points.
MEMBERS: Mapping[str, tuple[str, str | None, int | None, int]] = {
    "gold": ("13", "gold", None, 200),
    "free": ("27", "free", None, 60),
    "expired": ("27", "gold", -1, 0),
    "tokyo": ("13", None, None, 0),
}

FIELDS = (
    FieldDefinition("name", Kind.TEXT, "お名前", required=True, saves_as=SavesAs.NAME),
    FieldDefinition("email", Kind.EMAIL, "メールアドレス", required=True, saves_as=SavesAs.EMAIL),
    FieldDefinition("message", Kind.TEXTAREA, "内容", required=True),
    FieldDefinition("consent", Kind.ACCEPTANCE, "個人情報", required=True, statement="同意します。"),
)


def canary(name: str) -> str:
    """Return the word that only readers of `name` may meet."""
    return f"canary-of-{name}-7f3a"


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page: its visibility, and the canaries in it by who may read the part."""

    visibility: str
    body: str
    rule: Any = None
    price: int | None = None
    status: str = "published"


def _closed(name: str) -> str:
    # At both ends: teasers are made from a beginning, and what is cut off from an end.
    return f"{canary(name)} は会員の方へ。\n\n## 見出し\n\nおわりに {canary(name)}"


_ENCLOSED = f"""ようこそ。

[guests_only]はじめての方へ[/guests_only]

[members_only]{canary("enclosed-members")}[/members_only]

[members_only tier="gold"]{canary("enclosed-gold")}[/members_only]

[member_if field="prefecture" op="eq" value="13"]{canary("enclosed-tokyo")}[/member_if]

[no_such_tag]{canary("unknown-tag")}[/no_such_tag]

[members_only tier="no-such-tier"]{canary("unknown-tier")}[/members_only]
"""

PAGES: Mapping[str, PageSpec] = {
    "welcome": PageSpec("public", _ENCLOSED),
    "contact": PageSpec("public", 'お気軽にどうぞ。\n\n[contact_form slug="contact"]'),
    "unclosed": PageSpec("public", f"はじめに。\n\n[members_only]{canary('unclosed')}"),
    "members": PageSpec(
        "members", _closed("members") + '\n\n残高 [points_balance] [member_field name="name"]'
    ),
    "gold": PageSpec("restricted", _closed("gold"), GOLD_RULE),
    "points-100": PageSpec("restricted", _closed("points"), POINTS_RULE),
    "tokyo": PageSpec("restricted", _closed("tokyo"), TOKYO_RULE),
    "unlock-50": PageSpec("restricted", _closed("unlock"), price=UNLOCK_PRICE),
    "nobody": PageSpec("restricted", _closed("nobody")),
    "winter": PageSpec("public", _closed("draft"), status="draft"),
}
CLOSED_PAGES = ("members", "gold", "points-100", "tokyo", "unlock-50", "nobody")


@dataclass(frozen=True, slots=True)
class Shop:
    """What was made, by name: the members' e-mail addresses and customers, pages and tiers."""

    emails: Mapping[str, str]
    customers: Mapping[str, int]
    pages: Mapping[str, int]
    tiers: Mapping[str, int]


def open_shop() -> Shop:
    """Make the shop in the current app."""
    for name in PLUGINS:
        lifecycle.enable(name)
    with transaction():
        save_site_settings({"name": "茶と器 つむぎ", "home_slug": "welcome", "notice_email": OWNER})
        # A page is sent at once here, and many times from one place.
        save_plugin_settings("contact_forms", {"min_seconds": 0, "network_limit": 0, "address_limit": 0})
    use_current_snapshot()
    tiers = {key: _tier(key, title) for key, title in (("free", "一般"), ("gold", "ゴールド"))}
    customers = {name: _join(name, tiers) for name in MEMBERS}
    with transaction():
        create_form("お問い合わせ", "contact", FIELDS, notice_to=[NOTICES], auto_reply=True)
        pages = {slug: _write(slug, page) for slug, page in PAGES.items()}
    make_account("Owner", email=OWNER)
    make_staff(email=STAFF)
    use_current_snapshot()
    return Shop({name: _email(name) for name in MEMBERS}, customers, pages, tiers)


def _tier(key: str, title: str) -> int:
    with transaction():
        return services.save_tier({"key": key, "title_ja": title, "title_en": key.title()}).id


def _email(name: str) -> str:
    return f"{name}@member.example.jp"


def _join(name: str, tiers: Mapping[str, int]) -> int:
    prefecture, tier, days, points = MEMBERS[name]
    customer = make_customer(
        email=_email(name), prefecture=prefecture, family_name="会員", given_name=name, stage="customer"
    )
    customer_id: int = customer.id
    make_account("Member", customer=customer, email=_email(name))
    today = site_today()
    with transaction():
        if tier is not None:
            ends_on = today + timedelta(days=days) if days is not None else None
            starts_on = today - timedelta(days=30)
            services.give_membership(customer_id, tiers[tier], starts_on=starts_on, ends_on=ends_on)
        if points:
            ledger.earn(customer_id, points, ledger.Movement(f"shop:{name}", "gift"), expires_on=None)
    return customer_id


def _write(slug: str, page: PageSpec) -> int:
    values = {
        "slug": slug,
        "title": f"ページ {slug}",
        "body": page.body,
        "status": page.status,
        "visibility": page.visibility,
        "rule": page.rule,
        "options": {"member_tiers": {"unlock_price": page.price}} if page.price else {},
    }
    return save_page(values).id
