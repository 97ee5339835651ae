import datetime as dt

import pytest

from core.customers.names import company_key, display_name, name_with_honorific, sort_key
from core.customers.page import age_on
from core.customers.prefectures import PREFECTURES, find_prefecture, prefecture_name
from core.customers.values import display_phone, display_postal_code, normalise_email, phone_digits, phone_key
from core.i18n import in_language
from core.text import fold


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Taro@Example.JP", "taro@example.jp"),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ", "taro@example.jp"),
        (" taro@example.jp ", "taro@example.jp"),
        ("taro@例え.jp", "taro@xn--r8jz45g.jp"),
        ("taro@xn--r8jz45g.jp", "taro@xn--r8jz45g.jp"),
        ("no address", "no address"),
        ("x@" + "あ" * 100 + ".jp", "x@" + "あ" * 100 + ".jp"),
    ],
)
def test_one_mailbox_has_one_key(typed, key):
    assert normalise_email(typed) == key


@pytest.mark.parametrize(
    ("typed", "shown", "key"),
    [
        ("0312345678", "03-1234-5678", "0312345678"),
        ("０３－１２３４－５６７８", "03-1234-5678", "0312345678"),
        ("03ー1234ー5678", "03-1234-5678", "0312345678"),
        ("+81 3 1234 5678", "03-1234-5678", "0312345678"),
        ("+81 (0)3-1234-5678", "03-1234-5678", "0312345678"),
        ("09012345678", "090-1234-5678", "09012345678"),
        ("0120-123-456", "0120-123-456", "0120123456"),
        ("+1 650-253-0000", "+1 650-253-0000", "+16502530000"),
        ("12345", "12345", "12345"),
    ],
)
def test_a_number_is_written_as_in_its_country_and_compared_by_its_digits(typed, shown, key):
    assert display_phone(typed) == shown
    assert phone_key(shown) == key


@pytest.mark.parametrize("typed", ["", "abc", "1", "1234", "１" * 30, "03-1234-5678 内線12", "9" * 5000])
def test_what_cannot_be_a_number_is_none(typed):
    assert display_phone(typed) is None


def test_a_piece_of_a_number_is_its_digits():
    assert phone_digits("03-12") == "0312"
    assert phone_digits("+81-90") == "090"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        *(("1000001", "100-0001"), ("〒100-0001", "100-0001"), ("１００－０００１", "100-0001")),
        *(("100 0001", None), ("12345", None), ("", None)),
    ],
)
def test_postal_codes(typed, shown):
    assert display_postal_code(typed) == shown


def test_there_are_47_prefectures_with_both_names(app):
    assert len(PREFECTURES) == 47
    for code, (japanese, english) in PREFECTURES.items():
        assert find_prefecture(japanese) == find_prefecture(english.lower()) == find_prefecture(code) == code
    assert [find_prefecture(text) for text in ("東京", "北海道", "京都", "1", "48", "どこか")] == [
        *("13", "01", "26", "01", None, None),
    ]
    with in_language("en"):
        assert prefecture_name("13") == "Tokyo"
    with in_language("ja"):
        assert prefecture_name("13") == "東京都"


def test_the_family_name_comes_first_except_for_latin_names_in_english(app):
    with in_language("ja"):
        assert display_name("山田", "太郎") == "山田 太郎"
        assert display_name("Smith", "Anna") == "Smith Anna"
        assert name_with_honorific("山田 太郎") == "山田 太郎 様"
    with in_language("en"):
        assert display_name("山田", "太郎") == "山田 太郎"
        assert display_name("Smith", "Anna") == "Anna Smith"
        assert display_name("Smith", None) == "Smith"
        assert name_with_honorific("Anna Smith") == "Anna Smith"


def test_names_sort_by_kana_whichever_kana_was_typed():
    names = ["ヤマダ ハナコ", "あおき たろう", "ｲﾄｳ ｼﾞﾛｳ"]
    assert sorted(map(sort_key, names)) == ["あおき たろう", "いとう じろう", "やまだ はなこ"]
    assert sort_key(None, "  ", "b") == "b"


def test_company_names_are_compared_without_their_legal_form():
    keys = {
        company_key(name)
        for name in ("株式会社山田商店", "山田商店 株式会社", "（株）山田商店", "㈱山田商店", "山田 商店")
    }
    assert keys == {"山田商店"}
    assert company_key("Yamada Trading Co., Ltd.") == company_key("yamada trading")
    assert company_key("株式会社") == "株式会社"


def test_folding_makes_widths_cases_and_kana_one():
    assert fold("ｶﾞｷﾞ") == fold("ガギ") == fold("がぎ")
    assert fold("ＡＢＣ　１２３") == "abc 123"
    assert fold("Straße") == "strasse"
    assert fold("a\x00\ud800b") == "ab"


def test_somebody_born_on_29_february_grows_older_on_1_march():
    born = dt.date(2000, 2, 29)
    assert age_on(born, dt.date(2026, 2, 28)) == 25
    assert age_on(born, dt.date(2026, 3, 1)) == 26
