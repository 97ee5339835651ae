"""Dates in Japanese eras: 令和8年1月5日, R8.1.5, 昭和63/1/7, 平成元年5月1日."""

import datetime as dt
import re
from collections.abc import Mapping

ERAS: Mapping[str, dt.date] = {
    "明治": dt.date(1868, 1, 25),
    "大正": dt.date(1912, 7, 30),
    "昭和": dt.date(1926, 12, 25),
    "平成": dt.date(1989, 1, 8),
    "令和": dt.date(2019, 5, 1),
}
_LETTERS = dict(zip("MTSHR", ERAS, strict=True))
_SHORT = dict(zip("明大昭平令", ERAS, strict=True))
_ENDS = dict(zip(ERAS, [*list(ERAS.values())[1:], None], strict=True))
_WRITTEN = re.compile(
    r"(明治|大正|昭和|平成|令和|[明大昭平令MTSHRmtshr])\s*([0-9]{1,2}|元)\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?"
)
_COMPACT = re.compile(r"([MTSHRmtshr])([0-9]{2})([0-9]{2})([0-9]{2})")


def parse_wareki(text: str) -> dt.date | None:
    """Return the date, None when the text has not this form; raise ValueError for no such day.

    Of the first and last year of an era only the days that belong to it exist. Widths must have
    been folded (NFKC, which also opens ㍻ and ㋿).
    """
    found = _WRITTEN.fullmatch(text) or _COMPACT.fullmatch(text)
    if found is None:
        return None
    era = _LETTERS.get(found[1].upper()) or _SHORT.get(found[1]) or found[1]
    year = 1 if found[2] == "元" else int(found[2])
    begin, end = ERAS[era], _ENDS[era]
    day = dt.date(begin.year + year - 1, int(found[3]), int(found[4]))
    if year < 1 or day < begin or (end is not None and day >= end):
        raise ValueError(text)
    return day


def write_wareki(day: dt.date) -> str:
    """Return a date as 令和8年1月5日; empty before Meiji, when the calendar was another."""
    era = next((name for name, begin in reversed(list(ERAS.items())) if day >= begin), None)
    if era is None:
        return ""
    year = day.year - ERAS[era].year + 1
    return f"{era}{'元' if year == 1 else year}年{day.month}月{day.day}日"
