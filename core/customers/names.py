"""How names are written and sorted."""

import re

from core.i18n import current_language
from core.text import fold

_JAPANESE = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_COMPANY_FORMS = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|合名会社|一般社団法人|公益社団法人|一般財団法人|公益財団法人|"
    r"特定非営利活動法人|npo法人|医療法人|学校法人|社会福祉法人|\(株\)|\(有\)|\(同\)|"
    r"\b(?:co\.?,? ?ltd\.?|inc\.?|corp\.?|corporation|llc|k\.?k\.?|g\.?k\.?)(?!\w)"
)
_NAME_PUNCTUATION = re.compile(r"[\s・.,\-'’&]+")


def display_name(family: str | None, given: str | None) -> str:
    """Return the family name first, except for Latin names on English screens."""
    parts = [part for part in (family, given) if part]
    if len(parts) == 2 and current_language() != "ja" and not _JAPANESE.search("".join(parts)):
        parts.reverse()
    return " ".join(parts)


def kana_name(family: str | None, given: str | None) -> str:
    """Return the reading of a name."""
    return " ".join(part for part in (family, given) if part)


def name_with_honorific(name: str) -> str:
    """Return a name as one addresses the person: 山田 太郎 様."""
    return f"{name} 様" if current_language() == "ja" else name


def company_with_honorific(name: str) -> str:
    """Return a company's name as one addresses it: 株式会社みどり 御中."""
    return f"{name} 御中" if current_language() == "ja" else name


def sort_key(*candidates: str | None) -> str:
    """Return what sorts a name in the order of kana: the folded first candidate that is filled."""
    return next((fold(text)[:200] for text in candidates if text and text.strip()), "")


def company_key(name: str) -> str:
    """Return the form in which company names are compared: no legal form, folded, no spaces."""
    folded = fold(name)
    return _NAME_PUNCTUATION.sub("", _COMPANY_FORMS.sub("", folded))[:200] or folded[:200]
