import json
from urllib.parse import urlencode

import pytest

from tests.plugins.contact_forms.forms_kit import ANSWERS, open_form, send, send_json, submissions

LONG = "あ" * 20_000


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("お名前", "", "入力"),
        ("お名前", "x" * 401, "400"),
        ("お名前", "山田\n太郎", "読み取れない"),
        ("お名前", "山田\u2028太郎", "読み取れない"),
        ("kana", "Yamada", "カナ"),
        ("kana", "山田", "カナ"),
        ("email", "taro", "name@example.jp"),
        ("email", "taro@example.jp\r\nBcc: all@example.jp", "読み取れない"),
        ("email", "a" * 300 + "@example.jp", "254"),
        ("tel", "電話なし", "03-1234-5678"),
        ("tel", "1", "03-1234-5678"),
        ("tel", "9" * 5_000, "40"),
        ("topic", "<script>alert(1)</script>", "選"),
        ("size", "XXL", "選"),
        ("wishes", ["電話", "'; DROP TABLE contact_forms_form; --"], "選"),
        ("wishes", ["電話"] * 50, "選"),
        ("day", "2026-02-30", "日付"),
        ("day", "明日", "年月日"),
        ("day", "99999-01-01", "年月日"),
        ("message", LONG, "10,000"),
        ("message", "\x07", "読み取れない"),
        ("consent", None, "同意"),
    ],
)
def test_what_cannot_be_taken_comes_back_with_a_message_beside_it(client, contact, key, value, told):
    answer = send(client, **{key: value}, headers={"Accept-Language": "ja"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'href="#contact-{key}"' in page
    assert told in page.split(f'id="contact-{key}-error"')[1].split("</p>")[0]
    assert "在庫はありますか。" in page or key == "message"
    assert not submissions()


def test_json_names_the_wrong_fields(client, contact):
    answer = send_json(client, email="taro", consent=None)
    assert answer.status_code == 422
    assert answer.json["status"] == "validation_failed"
    assert answer.json["receipt"] is None
    assert {f["field"] for f in answer.json["invalid_fields"]} == {"email", "consent"}
    assert all(f["message"] and f["idref"] == f"contact-{f['field']}" for f in answer.json["invalid_fields"])


def test_everything_typed_is_kept_on_the_page_with_the_error(client, contact):
    hidden = open_form(client)
    page = send(client, hidden=hidden, email="taro", wishes=["来店"], size="L").get_data(as_text=True)
    assert 'value="山田 太郎"' in page
    assert 'value="taro"' in page
    assert 'value="来店" checked' in page
    assert 'value="L" checked' in page
    assert 'value="電話" checked' not in page
    assert '<option value="ご質問" selected>' in page
    assert hidden["form_once"] in page
    assert hidden["form_started"] in page


def test_markup_that_was_typed_is_shown_as_text(client, contact):
    page = send(client, お名前='"><script>alert(1)</script>', email="no").get_data(as_text=True)
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_field_that_is_sent_twice_is_refused(client, contact):
    answer = send(client, email=["a@example.jp", "b@example.jp"])
    assert answer.status_code == 422
    assert not submissions()


def test_fields_that_the_form_does_not_have_are_left_out(client, contact):
    assert send(client, role="owner", folder="spam", customer_id="1").status_code == 303
    assert "role" not in {answer["key"] for answer in submissions()[0].answers}
    assert submissions()[0].folder == "inbox"


@pytest.mark.parametrize("path", ["/forms/nothing", "/forms/nothing/thanks", "/forms/" + "x" * 3000])
def test_unknown_forms_are_not_found(client, contact, path):
    assert client.get(path).status_code == 404


def test_an_unknown_form_is_not_found_as_json_either(client, contact):
    answer = client.post("/forms/nothing", data=ANSWERS, headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json["status"] == "not_found"


@pytest.mark.parametrize("slug", ["%00", "a%00b", "%ED%A0%80", "..%2f..%2fadmin", "%F0%9F%98%80"])
def test_strange_names_of_forms_are_refused(client, contact, slug):
    assert 400 <= client.post(f"/forms/{slug}", data=ANSWERS).status_code < 500


@pytest.mark.parametrize(
    "value", ["NUL\0here", "half \ud800 pair", "9" * 5_000 + "9" * 16_000, "\ufffd", "\udfff\0" * 100]
)
def test_unusable_characters_and_sizes_store_nothing(client, contact, value):
    body = {**open_form(client), **ANSWERS, "wishes": "電話", "message": value}
    raw = urlencode({k: v.encode("utf-8", "surrogatepass") for k, v in body.items()})
    as_form = client.post("/forms/contact", data=raw, content_type="application/x-www-form-urlencoded")
    as_json = client.post("/forms/contact", data=json.dumps(body), content_type="application/json")
    for answer in (as_form, as_json):
        assert 400 <= answer.status_code < 500
    assert not submissions()


def test_a_huge_body_is_refused(client, contact):
    answer = send(client, message="x" * 10_000_000)
    assert answer.status_code == 413
    assert not submissions()


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "application/octet-stream", "image/png", ""]
)
def test_other_kinds_of_content_are_refused(client, contact, kind):
    answer = client.post("/forms/contact", data="お名前=山田&email=a@example.jp", content_type=kind)
    assert answer.status_code == 415
    assert not submissions()


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        "null",
        '"text"',
        '{"email": 5}',
        '{"email": {"a": 1}}',
        '{"wishes": [1]}',
        '{"email": ' + "9" * 5_000 + "}",
        "[" * 100_000,
        '{"a":' * 50_000,
        "\xff\xfe",
        '{"email": NaN}',
    ],
)
def test_json_of_another_shape_is_refused(client, contact, body):
    headers = {"Accept": "application/json"}
    answer = client.post("/forms/contact", data=body, content_type="application/json", headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json["status"] in ("unreadable", "validation_failed")
    assert not submissions()


def test_invalid_utf_8_is_refused(client, contact):
    hidden = open_form(client)
    body = "&".join(f"{k}={v}" for k, v in hidden.items())
    name = "%E3%81%8A%E5%90%8D%E5%89%8D"
    body += f"&{name}=%FF%FE&email=a%40example.jp&message=%E3%81%82&consent=1"
    kind = "application/x-www-form-urlencoded"
    assert 400 <= client.post("/forms/contact", data=body, content_type=kind).status_code < 500
    assert not submissions()


def test_broken_multipart_is_refused(client, contact):
    answer = client.post(
        "/forms/contact", data=b"--x\r\nbroken", content_type="multipart/form-data; boundary=x"
    )
    assert 400 <= answer.status_code < 500
    assert not submissions()


def test_a_form_sent_from_another_site_is_refused(client, contact):
    hidden = open_form(client)
    answer = send(client, hidden=hidden, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert not submissions()


def test_a_strange_referrer_does_no_harm(client, contact):
    assert send(client, headers={"Referer": "http://[", "Origin": "http://localhost"}).status_code == 303
    assert submissions()[0].page_path == ""


def test_what_is_kept_of_the_browser_is_one_short_line(client, contact):
    send(client, headers={"User-Agent": "x\ty\u2028" + "z" * 5_000})
    assert submissions()[0].user_agent.startswith("xyz")
    assert len(submissions()[0].user_agent) == 300
