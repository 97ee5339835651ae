"""What has happened with the demo's customers so far: visits, purchases, calls, notes."""

import datetime as dt
from collections.abc import Mapping
from random import Random

from core.activity.services import record_activity

_LINES = (
    (
        "purchase",
        "店頭でお買い上げ",
        ("煎茶「朝つゆ」100 g、和菓子 2 点", "平急須 1 点", "湯呑み 2 客(箱入り)", "ほうじ茶 200 g"),
    ),
    ("purchase", "定期便を発送", ("煎茶 200 g を発送しました。", "今月はほうじ茶をお選びいただきました。")),
    ("visit", "ご来店", ("試飲のあと、茶葉をお選びいただきました。", "器の展示をゆっくりご覧になりました。")),
    ("call", "お電話", ("在庫のお問い合わせ。取り置き 2 点。", "定期便の配送日を変更しました。")),
    ("note", "メモ", ("次回、秋の器展の案内状をお渡しする。", "金継ぎ教室に関心あり。案内をお送りする。")),
)


def write_history(rng: Random, known_since: Mapping[int, dt.datetime], now: dt.datetime, by: int) -> None:
    """Put lines on the timelines of some customers."""
    for customer_id, since in known_since.items():
        if rng.random() > 0.35:
            continue
        for _time in range(rng.choices((1, 2, 3, 6), (45, 30, 18, 7))[0]):
            kind, title, bodies = rng.choices(_LINES, (40, 15, 20, 12, 13))[0]
            moment = since + (now - since) * rng.random()
            record_activity(
                customer_id,
                kind,
                title,
                body=rng.choice(bodies),
                occurred_at=moment,
                by=by if kind in ("call", "note") else None,
            )
