"""The owner downloads the customers as CSV that Japanese spreadsheets read and cannot be run."""

import csv
import io

from core.testing.exports import new_form, take_out
from core.testing.factories import make_customer
from tests.shop_kit import OWNER, STAFF

COLUMNS = ("family_name", "given_name", "email", "phone", "city", "tier", "points")


def download(client, encoding, **changes):
    data = {"order": list(COLUMNS), "columns": list(COLUMNS), "encoding": encoding, **changes}
    return client.post("/admin/exports/customers", data=new_form(**data))


def rows(answer, encoding):
    reader = csv.DictReader(io.StringIO(answer.get_data().decode(encoding)))
    first = reader.fieldnames[0]
    return {row[first]: list(row.values()) for row in reader}


def test_a_download_in_utf8_has_a_mark_for_spreadsheets_and_every_plugins_columns(shop, visit):
    make_customer(family_name="髙橋", email="takahashi@example.jp")
    answer = download(visit(OWNER), "utf-8-sig")
    assert answer.status_code == 200
    assert answer.get_data().startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    found = rows(answer, "utf-8-sig")
    assert found["髙橋"][2] == "takahashi@example.jp"
    gold = next(line for line in csv.reader(io.StringIO(answer.text)) if line[1] == "gold")
    assert gold[-1] == "200"


def test_cp932_names_what_it_would_lose_before_it_is_downloaded(shop, visit):
    make_customer(family_name="𠮷野", email="yoshino@example.jp")
    owner = visit(OWNER)
    warned = download(owner, "cp932")
    assert warned.mimetype == "text/html"
    assert "𠮷" in warned.text
    answer = download(owner, "cp932", confirm="1")
    assert answer.mimetype == "text/csv"
    text = answer.get_data().decode("cp932")
    assert "yoshino@example.jp" in text
    assert "𠮷" not in text


def test_no_cell_runs_as_a_formula_and_phone_numbers_stay_readable(shop, visit):
    make_customer(family_name='=HYPERLINK("http://evil.example")', city="@SUM(A1)", phone="+81 90 1234 5678")
    text = download(visit(OWNER), "utf-8-sig").get_data().decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    dangerous = [c for c in cells if c.startswith(("=", "@")) or (c[:1] in "+-" and not c[1:2].isdigit())]
    assert [c for c in dangerous if c] == []
    assert any(c.startswith(("+81", "090")) for c in cells)


def test_the_button_of_the_list_exports_what_the_filter_shows(shop, visit):
    path = '/admin/customers/?filter={"field":"prefecture","op":"eq","value":"13"}'
    answer = take_out(visit(OWNER), path)
    lines = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert len(lines) == 1 + 2  # a heading, and the two members in Tokyo


def test_staff_without_the_right_get_no_file(shop, visit):
    assert download(visit(STAFF), "utf-8-sig").status_code == 403
