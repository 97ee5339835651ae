"""The demo's files, made by code: a newsletter, a list of tea, a guide, and who downloaded them."""

import datetime as dt
import io
import secrets
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from core.api import db, file_store, media_type_of, utcnow

from .files.keeping import Kept
from .files.services import add_files, save_file
from .models import Download, LibraryFile
from .settings import PLUGIN

GUIDE = """茶と器 つむぎ　ご利用案内

営業時間　十一時から十八時まで（火曜定休）
アクセス　千代田線 根津駅から歩いて七分

・二階の茶室は、五名さままでご予約いただけます。
・器の金継ぎを承ります。欠けたかけらも、どうぞお持ちください。
・お茶は二十グラムから量り売りいたします。
"""
PRICES = """品名,産地,内容量,会員価格
新茶「八十八夜」,静岡 本山,50g,1350円
蔵出し「宵月」,京都 宇治,30g,2400円
ほうじ茶「朝霧」,京都 和束,100g,980円
玉露「白露」,福岡 八女,30g,1980円
"""
NEWSLETTER = (
    ("つむぎ便り 第十二号", "二〇二六年 冬"),
    (
        "蔵出しの季節になりました。",
        "三年寝かせた一番茶「宵月」の封を、十二月十九日の茶会で切ります。",
        "ゴールド会員の皆さまを、谷中の長屋の二階でお待ちしております。",
    ),
    (
        "作り手を訪ねて",
        "益子の窯で、来春の急須を選んできました。",
        "注ぎ口の切れがよく、最後の一滴まで気持ちよく落ちます。",
    ),
)
FILES: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "ご利用案内.txt",
        {
            "slug": "shop-guide",
            "title": "ご利用案内",
            "summary": "営業時間と道順、茶室のご予約について。",
            "folder": "ご案内",
            "visibility": "public",
        },
    ),
    (
        "会員価格表_2026年冬.csv",
        {
            "slug": "member-prices",
            "title": "会員価格表（2026年 冬）",
            "summary": "会員の方だけの量り売りの価格です。",
            "folder": "ご案内",
            "visibility": "members",
        },
    ),
    (
        "つむぎ便り_第12号.pdf",
        {
            "slug": "letter-12",
            "title": "つむぎ便り 第十二号",
            "summary": "蔵出しの茶会と、益子の窯を訪ねた記録。会員番号入りでお届けします。",
            "folder": "会報",
            "visibility": "restricted",
            "rule": {"field": "tier", "op": "in", "value": ["gold"]},
            "is_stamped": True,
            "daily_cap": 3,
        },
    ),
)


def fill(people: Sequence[int], named: Mapping[str, int], seed: int) -> None:
    """Make the files and a few weeks of downloads. Needs a transaction."""
    contents = (GUIDE.encode(), b"\xef\xbb\xbf" + PRICES.encode(), newsletter())
    rows = [_make(name, values, data) for (name, values), data in zip(FILES, contents, strict=True)]
    rng = Random(seed)  # noqa: S311 - made-up data
    members = [*named.values(), *people[:40]]
    for number in range(60):
        row = rows[1] if number % 3 else rows[2]
        customer = rng.choice(members) if row is rows[1] else named["gold"]
        _downloaded(row, customer, utcnow() - dt.timedelta(minutes=rng.randrange(90, 60 * 24 * 30)))
    db.session.flush()


def _make(name: str, values: Mapping[str, Any], data: bytes) -> LibraryFile:
    stored = file_store(PLUGIN).save(io.BytesIO(data), limit=len(data))
    kept = Kept(name, media_type_of(name), stored)
    first = {key: values[key] for key in ("slug", "folder", "visibility")}
    (row,) = add_files([kept], {**first, "is_published": True})
    return save_file(row.id, {key: value for key, value in values.items() if key not in first})


def _downloaded(row: LibraryFile, customer_id: int, at: dt.datetime) -> None:
    db.session.add(
        Download(
            file_id=row.id,
            file_title=row.title,
            customer_id=customer_id,
            mark=secrets.token_hex(32),
            is_stamped=row.is_stamped,
            downloaded_at=at,
        )
    )


def newsletter() -> bytes:
    """Return a PDF of three small pages."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    font = "HeiseiMin-W3"
    if font not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(font))
    held = io.BytesIO()
    canvas = Canvas(held, pagesize=(420, 595), invariant=1)
    for number, lines in enumerate(NEWSLETTER):
        canvas.setFillColorRGB(0.97, 0.96, 0.92)
        canvas.rect(0, 0, 420, 595, stroke=0, fill=1)
        canvas.setFillColorRGB(0.18, 0.32, 0.26)
        canvas.setFont(font, 26 if number == 0 else 15)
        canvas.drawString(48, 480, lines[0])
        canvas.setFillColorRGB(0.15, 0.15, 0.14)
        for at, line in enumerate(lines[1:]):
            canvas.setFont(font, 11)
            canvas.drawString(48, 440 - at * 24, line)
        canvas.showPage()
    canvas.save()
    return held.getvalue()
