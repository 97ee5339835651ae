import io
import zipfile

import pytest
import xlsxwriter

from core.errors import ValidationFailed
from core.imports import xlsx
from core.imports.encodings import first_bad_line, guess_delimiter, guess_encoding
from core.imports.reading import Unreadable, read_rows
from core.imports.settings import Settings
from core.imports.targets import guess_columns
from core.imports.values import split_name

TEXT = "姓,名,メモ\n山田,花子,髙橋さん\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (TEXT.encode("cp932"), "cp932"),
        (TEXT.encode("utf-16"), "utf-16"),
        ("a,b\nc,d\n".encode("utf-16-le"), "utf-16-le"),
        ("a,b\nc,d\n".encode("utf-16-be"), "utf-16-be"),
        (b"name,mail\nx,y\n", "utf-8"),
        ("ｱｲｳ,ｴｵ\n".encode("cp932"), "cp932"),
    ],
)
def test_the_encoding_is_recognised(data, encoding):
    stream = io.BytesIO(data)
    assert guess_encoding(stream) == encoding
    rows = list(read_rows(stream, "csv", Settings(encoding=encoding, has_heading=False)))
    assert "\ufeff" not in rows[0][1][0]


def test_an_encoding_holds_only_if_the_whole_file_fits():
    data = "姓\n".encode() * 300_000 + "姓\n".encode("cp932")
    stream = io.BytesIO(data)
    assert first_bad_line(stream, "utf-8") == 300_001
    with pytest.raises(ValidationFailed):
        guess_encoding(io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20))


@pytest.mark.parametrize("sign", [",", "\t", ";", "|"])
def test_the_delimiter_is_recognised_even_with_commas_in_cells(sign):
    rows = [["姓", "会社", "メモ"], ["山田", "A, B and C, Inc.", "x"], ["佐藤", "みどり", "1,000"]]
    text = "\n".join(sign.join(f'"{cell}"' for cell in row) for row in rows)
    assert guess_delimiter(io.BytesIO(text.encode()), "utf-8") == sign


def test_rows_keep_their_numbers_and_empty_ones_are_skipped():
    text = '姓,メモ\n山田,"zwei\nZeilen"\n\n,\n佐藤,x\n'
    assert list(read_rows(io.BytesIO(text.encode()), "csv", Settings())) == [
        (2, ["山田", "zwei\nZeilen"]),
        (5, ["佐藤", "x"]),
    ]


def test_an_open_quotation_mark_and_another_encoding_further_down_are_said():
    broken = "姓,名\n山田,花子\n" + '佐藤,"' + "x" * 200_000
    with pytest.raises(Unreadable, match="3"):
        list(read_rows(io.BytesIO(broken.encode()), "csv", Settings()))
    mixed = "姓\n".encode() * 20_000 + "姓\n".encode("cp932")
    with pytest.raises(Unreadable):
        list(read_rows(io.BytesIO(mixed), "csv", Settings()))
    wide = ",".join(["x"] * 501)
    with pytest.raises(Unreadable):
        list(read_rows(io.BytesIO(wide.encode()), "csv", Settings()))


def workbook(*rows, bomb=False):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("顧客")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if hasattr(cell, "year"):
                sheet.write_datetime(number, place, cell, day)
            else:
                sheet.write(number, place, cell)
    sheet.write_formula(len(rows), 0, "=1+1", value="計算")
    book.add_worksheet("空")
    book.close()
    out.seek(0)
    return out


def test_workbooks_are_read_as_they_show(app, bring):
    import datetime as dt

    from sqlalchemy import select

    from core.customers.models import Customer
    from core.db import db

    file = bring(
        workbook(
            ["姓", "メール", "誕生日", "電話", "意思決定者", "メモ"],
            ["山田", "a@example.jp", dt.datetime(1990, 1, 2), "03-1234-5678", True, 1200],
        ).read(),
        name="people.xlsx",
    )
    assert (file.row.kind, file.settings.sheet) == ("xlsx", "顧客")
    assert file.run() == (2, 0, 0, 0)
    first, second = db.session.scalars(select(Customer).order_by(Customer.id))
    assert (str(first.birthday), first.is_decision_maker, first.memo) == ("1990-01-02", True, "1200")
    assert second.family_name == "計算"


def packed(content, size=None):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", content)
    data = bytearray(out.getvalue())
    if size is not None:  # both places that say the unpacked size
        data[22:26] = size.to_bytes(4, "little")
        place = data.index(b"PK\x01\x02")
        data[place + 24 : place + 28] = size.to_bytes(4, "little")
    return bytes(data)


def test_bombs_are_refused_by_size_by_ratio_and_when_they_lie(monkeypatch):
    with pytest.raises(ValidationFailed):
        xlsx.refuse_bomb(io.BytesIO(packed(b"0" * 20_000_000)))
    with pytest.raises(ValidationFailed):
        xlsx.refuse_bomb(io.BytesIO(packed(b"0" * 20_000_000, size=1000)))
    monkeypatch.setattr(xlsx, "MOST_UNPACKED", 1000)
    with pytest.raises(ValidationFailed):
        xlsx.refuse_bomb(io.BytesIO(packed(bytes(range(256)) * 8)))


@pytest.mark.parametrize("data", [b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0" + b"\0" * 100, b"\0" * 100])
def test_what_is_no_table_is_refused_and_not_kept(app, bring, data):
    with pytest.raises(ValidationFailed):
        bring(data)


def test_headings_of_other_programs_are_understood(app):
    headings = ["No.", "お名前", "フリガナ", "E-mail", "ＴＥＬ", "〒", "都道府県", "生年月日（西暦）", "備考"]
    assert guess_columns(headings) == (
        *("", "full_name", "full_kana", "email", "phone", "postal_code", "prefecture", "", "memo"),
    )
    parts = ["Name", "Family name", "Given name", "姓", "Email Address", "email"]
    assert guess_columns(parts) == ("", "family_name", "given_name", "", "email", "")


def test_whole_names_are_cut_at_any_space():
    assert split_name("山田　太郎") == ("山田", "太郎")
    assert split_name("山田") == ("山田", None)
    assert split_name("Yamada Taro Jr") == ("Yamada", "Taro Jr")
