"""The 47 prefectures: JIS codes with their names."""

from core.conditions.fields import Choice
from core.i18n import current_language

_NAMES = (
    "北海道 Hokkaido|青森県 Aomori|岩手県 Iwate|宮城県 Miyagi|秋田県 Akita|山形県 Yamagata|福島県 Fukushima|"
    "茨城県 Ibaraki|栃木県 Tochigi|群馬県 Gunma|埼玉県 Saitama|千葉県 Chiba|東京都 Tokyo|神奈川県 Kanagawa|"
    "新潟県 Niigata|富山県 Toyama|石川県 Ishikawa|福井県 Fukui|山梨県 Yamanashi|長野県 Nagano|岐阜県 Gifu|"
    "静岡県 Shizuoka|愛知県 Aichi|三重県 Mie|滋賀県 Shiga|京都府 Kyoto|大阪府 Osaka|兵庫県 Hyogo|奈良県 Nara|"
    "和歌山県 Wakayama|鳥取県 Tottori|島根県 Shimane|岡山県 Okayama|広島県 Hiroshima|山口県 Yamaguchi|"
    "徳島県 Tokushima|香川県 Kagawa|愛媛県 Ehime|高知県 Kochi|福岡県 Fukuoka|佐賀県 Saga|長崎県 Nagasaki|"
    "熊本県 Kumamoto|大分県 Oita|宮崎県 Miyazaki|鹿児島県 Kagoshima|沖縄県 Okinawa"
)
PREFECTURES: dict[str, tuple[str, str]] = {
    f"{number:02d}": (name.split()[0], name.split()[1]) for number, name in enumerate(_NAMES.split("|"), 1)
}
_CODES = {
    alias.casefold(): code
    for code, (japanese, english) in PREFECTURES.items()
    for alias in (code, japanese, english, japanese if code == "01" else japanese[:-1])
}


class _Name:
    """A prefecture's name in the language of whoever reads it."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __str__(self) -> str:
        return prefecture_name(self.code)


PREFECTURE_CHOICES = tuple(Choice(code, _Name(code)) for code in PREFECTURES)


def prefecture_name(code: str | None) -> str:
    """Return 東京都 or Tokyo for `13`; an unknown code as it is."""
    names = PREFECTURES.get(code or "")
    if names is None:
        return code or ""
    return names[0] if current_language() == "ja" else names[1]


def find_prefecture(text: str) -> str | None:
    """Return the code that `13`, `東京都`, `東京` or `Tokyo` means."""
    key = text.strip().casefold()
    return _CODES.get(key.zfill(2) if key.isascii() and key.isdigit() else key)
