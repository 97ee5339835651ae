"""What staff wrote down of late in the demo: a kind of the owner's, a result, a pin, a colleague."""

import datetime as dt
from collections.abc import Mapping

from core.accounts.models import Account
from core.activity.services import add_note, pin_activity
from core.activity.touch_kinds import create_touch_kind
from core.db import db

_LINES = (
    ("call", "out", "not_reached", "秋の器展のご案内。お留守でした。", 5),
    ("call", "out", "reached", "秋の器展のご案内。土曜の午後にお越しくださるとのこと。", 4),
    ("letter", "out", "", "器展の案内状を投函。", 9),
    (
        "visit",
        "in",
        "promising",
        "金継ぎの道具をご覧に。@{name} さん、入荷したらご連絡ください。",
        2,
    ),
)


def write_touches(named: Mapping[str, int], now: dt.datetime, owner: int, colleague: int) -> None:
    """Write lines on the timelines of the named customers."""
    create_touch_kind("展示会", "building-store", by=owner)
    name = db.session.get_one(Account, colleague).display_name
    for customer_id in named.values():
        for kind, direction, result, text, days in _LINES:
            moment = now - dt.timedelta(days=days, hours=3)
            values = {"kind": kind, "direction": direction, "result": result}
            add_note(customer_id, text.format(name=name), by=owner, occurred_at=moment, **values)
        line = add_note(customer_id, "贈答はのし付き・領収書は会社名でお渡しする。", by=owner)
        pin_activity(customer_id, line.id, pinned=True)
