"""The demo's settings, pages and menus: a shop for tea and tableware with a circle of members."""

from pathlib import Path

from core.content.menu_lines import MenuLine
from core.content.queries import find_page
from core.content.services import save_menu
from core.content.transfer import import_pages

SITE = {
    "name": "茶と器 つむぎ",
    "tagline": "一服のための、よい道具と場所。",
    "language": "ja",
    "theme": "default",
    "home_slug": "welcome",
    "address": "東京都台東区谷中0-0-0",
    "phone": "03-0000-0000",
    "notice_email": "owner@demo.example",
    "mail_from": "shop@demo.example",
    "mail_from_name": "茶と器 つむぎ",
    "footer_text": "火曜定休 11:00–18:00",
    "registration": "open",
    "registration_fields": [
        "family_name",
        "given_name",
        "family_kana",
        "given_kana",
        "prefecture",
        "birthday",
    ],
    "registration_required": ["family_name", "given_name"],
}
CONSENTS = {
    "terms": """茶と器 つむぎの会員規約（見本）

1. 会員の方には、催しのご案内とポイントの特典をお届けします。
2. ポイントは最後の日を過ぎると使えなくなります。
3. 退会は、マイページからいつでもできます。""",
    "privacy": """個人情報の取り扱い（見本）

1. お預かりした個人情報は、ご案内と会員管理のためだけに使います。
2. 法令に基づく場合を除き、ご本人の同意なく第三者に提供しません。
3. ご自身の情報は、マイページからいつでもダウンロードできます。""",
    "news": """月に一度、新茶や器の展示のお知らせをメールでお送りします。
マイページからいつでも止められます。""",
}
HEADER = ("about", "members", "gold", "unlock-50", "contact")
FOOTER = ("events", "points-100", "tokyo", "privacy")
PAGES = Path(__file__).parent / "pages"


def make_pages_and_menus() -> None:
    """Import the demo's pages and put them into two menus. Needs a transaction."""
    import_pages(PAGES)
    for menu, slugs in (("header", HEADER), ("footer", FOOTER)):
        save_menu(menu, [_line(slug) for slug in slugs])


def _line(slug: str) -> MenuLine:
    page = find_page(slug)
    assert page is not None, slug
    return MenuLine(page_id=page.id)
