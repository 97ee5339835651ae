"""The eight regions of Japan (関東, 近畿 …) as the prefectures that they are made of."""

from typing import Any

from sqlalchemy import ColumnElement, case, or_

from core.conditions.fields import Choice
from core.customers.models import Customer
from core.i18n import _l

# Hokkaido and Okinawa are counted as the statistics of the state count them.
REGIONS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "hokkaido": (_l("Hokkaido"), ("01",)),
    "tohoku": (_l("Tohoku"), ("02", "03", "04", "05", "06", "07")),
    "kanto": (_l("Kanto"), ("08", "09", "10", "11", "12", "13", "14")),
    "chubu": (_l("Chubu"), ("15", "16", "17", "18", "19", "20", "21", "22", "23")),
    "kinki": (_l("Kinki"), ("24", "25", "26", "27", "28", "29", "30")),
    "chugoku": (_l("Chugoku"), ("31", "32", "33", "34", "35")),
    "shikoku": (_l("Shikoku"), ("36", "37", "38", "39")),
    "kyushu": (_l("Kyushu and Okinawa"), ("40", "41", "42", "43", "44", "45", "46", "47")),
}
REGION_CHOICES = tuple(Choice(key, title) for key, (title, _codes) in REGIONS.items())


def region() -> ColumnElement[Any]:
    """Return the region of the customer's registered prefecture; NULL without one."""
    whens = [
        (or_(*(Customer.prefecture == code for code in codes)), key)
        for key, (_title, codes) in REGIONS.items()
    ]
    return case(*whens, else_=None)
