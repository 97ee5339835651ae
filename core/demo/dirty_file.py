"""A file of made-up customers as old programs and many hands leave it, to try imports with.

Widths, eras, quotation marks, commas in names, people who come twice, and a few rows that nothing
can be made of. The same rows and seed give the same file.
"""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any, BinaryIO

from core.customers.prefectures import PREFECTURES
from core.demo.people import make_people
from core.demo.shop import FIELDS

SEED = 2026
ENCODINGS: Mapping[str, str] = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8-sig",
    "cp932": "cp932",
    "utf-16": "utf-16",
}
# Made up on one day, so that the file is the same tomorrow.
_DAY = dt.datetime(2026, 4, 1, 9, tzinfo=dt.UTC)
_COMPANIES = [
    "株式会社 川端印刷, 東京支店",
    'カフェ "時雨"',
    "（有）丸山商店",
    "㈱青葉設計事務所",
    "合同会社 灯台ワークス",
]
_COLUMNS: Mapping[str, str] = {
    "family_name": "姓",
    "given_name": "名",
    "family_kana": "セイ",
    "given_kana": "メイ",
    "email": "メールアドレス",
    "phone": "電話番号",
    "prefecture": "都道府県",
    "city": "市区町村",
    "address_line": "番地",
    "building": "建物名",
    "birthday": "生年月日",
    "sex": "性別",
    "stage": "段階",
    "occupation": "職業",
    "interests": "趣味・関心",
    "company_name": "会社名",
    "department": "部署",
    "job_title": "役職",
    "may_contact": "連絡してよい",
    "labels": "ラベル",
    "memo": "メモ",
    **{f"custom_{draft.name}": str(draft.title) for draft in FIELDS},
}
_WORDS: Mapping[str, Mapping[Any, str]] = {
    "prefecture": {code: names[0] for code, names in PREFECTURES.items()},
    "sex": {"female": "女性", "male": "男性"},
    "stage": {"lead": "見込み客", "customer": "顧客", "former": "過去の顧客"},
    "may_contact": {"yes": "はい", "no": "×"},
    "custom_exhibitions": {"yes": "○", "no": "いいえ"},
}
_WIDE = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}
_HALF_KANA = str.maketrans(
    {"ア": "ｱ", "イ": "ｲ", "ウ": "ｳ", "カ": "ｶ", "サ": "ｻ", "タ": "ﾀ", "ナ": "ﾅ", "マ": "ﾏ", "ヤ": "ﾔ"}
)
_ERAS = ((1989, 1, 8, "平成", 1988), (1926, 12, 25, "昭和", 1925))


def write_file(target: BinaryIO, rows: int, *, seed: int = SEED, encoding: str = "utf-8") -> None:
    """Write a heading and so many rows; signs that the encoding lacks do not occur."""
    text = io.TextIOWrapper(target, ENCODINGS[encoding], newline="")
    writer = csv.writer(text)
    writer.writerow(_COLUMNS.values())
    writer.writerows(_rows(rows, seed))
    text.flush()
    text.detach()


def _rows(count: int, seed: int) -> Iterator[list[str]]:
    rng = Random(seed)  # noqa: S311 - made-up data
    before: list[str] | None = None
    places = {name: place for place, name in enumerate(_COLUMNS)}
    for number, person in enumerate(make_people(count, _DAY, _COMPANIES, seed)):
        chance = rng.random()
        if before is not None and chance < 0.04:
            row = _again(before, places, rng)
        else:
            row = [_written(name, person.values.get(name)) for name in _COLUMNS]
        for place, spoil in ((places[name], spoil) for name, spoil in _SPOILING if rng.random() < 0.06):
            row[place] = spoil(row[place])
        if number % 500 == 499:
            row[places["email"]] = "info＠"
        before = row
        yield row


def _again(row: list[str], places: Mapping[str, int], rng: Random) -> list[str]:
    """Return the row before once more: with the same address, or as somebody else's entry without one."""
    twin = [*row]
    if rng.random() < 0.5:
        twin[places["memo"]] = "二度目のご登録です。"
    else:
        twin[places["email"]] = ""
        twin[places["job_title"]] = ""
    return twin


def _written(name: str, value: Any) -> str:
    if value is None or value == []:
        return ""
    if name in _WORDS:
        return _WORDS[name].get(value, value)
    return "、".join(value) if isinstance(value, list) else str(value)


def _wide(text: str) -> str:
    return text.translate(_WIDE)


def _era(text: str) -> str:
    if not text:
        return ""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:  # it is written so already
        return text
    for year, month, first, era, zero in _ERAS:
        if day >= dt.date(year, month, first):
            counted = day.year - zero
            return f"{era}{'元' if counted == 1 else counted}年{day.month}月{day.day}日"
    return text


def _slashes(text: str) -> str:
    return text.replace("-", "/")


_SPOILING: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("email", _wide),
    ("phone", _wide),
    ("phone", lambda text: text.replace("-", "")),
    ("family_kana", lambda text: text.translate(_HALF_KANA)),
    ("birthday", _era),
    ("birthday", _era),
    ("birthday", _slashes),
    ("city", lambda text: f"  {text}\u3000"),
    ("address_line", _wide),
    ("memo", lambda text: f'{text}\n「折り返し、お電話を」, "至急"'),
    ("memo", lambda text: f"=1+1 {text}"),
    ("custom_bought_total", lambda text: f"￥{int(text):,}" if text.isdigit() else text),
)
