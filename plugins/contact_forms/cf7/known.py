"""Knows a question by its name and words: what of the customer it is, and which kind suits it."""

import re
from collections.abc import Sequence

from ..definition.kinds import Kind, SavesAs
from ..definition.prefectures import PREFECTURES
from .tags import Tag

# In this order: フリガナ（姓） is kana, メールアドレス is no address of a house.
_KNOWN: tuple[tuple[str, SavesAs], ...] = (
    (r"(セイ|姓|sei|family|last).*(カナ|かな|ガナ|がな|kana)|(カナ|かな|ガナ|がな|kana).*(セイ|姓|sei)|^セイ$",
     SavesAs.FAMILY_KANA),
    (r"(メイ|名|mei|given|first).*(カナ|かな|ガナ|がな|kana)|(カナ|かな|ガナ|がな|kana).*(メイ|mei)|^メイ$",
     SavesAs.GIVEN_KANA),
    (r"フリガナ|ふりがな|カナ|furigana|kana", SavesAs.KANA),
    (r"郵便|〒|zip|postal|postcode", SavesAs.POSTAL_CODE),
    (r"都道府県|prefecture|\bpref\b", SavesAs.PREFECTURE),
    (r"市区町村|市町村|\bcity\b", SavesAs.CITY),
    (r"建物|マンション|building", SavesAs.BUILDING),
    (r"住所|番地|address|street", SavesAs.ADDRESS_LINE),
    (r"(^|\s)姓$|last.?name|family.?name|^sei$", SavesAs.FAMILY_NAME),
    (r"\s名$|^名$|first.?name|given.?name|^mei$", SavesAs.GIVEN_NAME),
    (r"^(お|ご)?(名前|氏名)|^(your.?|full.?)?name$|^(代表者|担当者|ご担当者)(様)?(の)?(お)?(名前?|氏名)$|^your-name$",
     SavesAs.NAME),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), saves_as) for pattern, saves_as in _KNOWN)
_OF_KIND = {Kind.EMAIL: SavesAs.EMAIL, Kind.TEL: SavesAs.PHONE, Kind.PREFECTURE: SavesAs.PREFECTURE}
_KANA = frozenset({SavesAs.KANA, SavesAs.FAMILY_KANA, SavesAs.GIVEN_KANA})
_USUAL = {
    "your-name": "お名前",
    "your-email": "メールアドレス",
    "your-subject": "題名",
    "your-message": "メッセージ",
}


def guess_saves_as(kind: Kind, tag: Tag, label: str) -> SavesAs:
    """Return what of the customer an answer is; the words of the question tell more than the name."""
    if kind in _OF_KIND:
        return _OF_KIND[kind]
    return _find(label) or _find(tag.name.replace("_", "-")) or SavesAs.NOTHING


def guess_kind(kind: Kind, tag: Tag, label: str) -> tuple[Kind, bool]:
    """Return the kind of a field, and whether it is another than the tag's."""
    if kind is Kind.SELECT and not tag.has("multiple") and _is_prefectures(tag.labels):
        return Kind.PREFECTURE, True
    if kind is not Kind.TEXT and not (kind is Kind.TEL and _find(label) is SavesAs.POSTAL_CODE):
        return kind, False
    known = guess_saves_as(Kind.TEXT, tag, label)
    if known in _KANA:
        return Kind.KANA, True
    return (Kind.POSTAL, True) if known is SavesAs.POSTAL_CODE else (kind, False)


def usual_label(tag: Tag) -> str:
    """Return words for a question that has none: of the usual names, else the name itself."""
    return _USUAL.get(tag.name, tag.name)


def _find(text: str) -> SavesAs | None:
    return next((saves_as for pattern, saves_as in _PATTERNS if pattern.search(text[:200])), None)


def _is_prefectures(labels: Sequence[str]) -> bool:
    return len(labels) - len(PREFECTURES) in (0, 1) and set(PREFECTURES) <= set(labels)
