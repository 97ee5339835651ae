"""Field titles as members read them, where the staff's words would puzzle them."""

from collections.abc import Mapping
from typing import Any

from core.i18n import _l

MEMBER_TITLES: Mapping[str, Any] = {
    "may_contact": _l("May we send you news?"),
    "preferred_channel": _l("How we may reach you"),
    "area": _l("Area you live or shop in"),
    "company_name": _l("Company or organisation"),
}
