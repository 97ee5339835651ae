import random

import pytest

from core.customers.attributes import clean
from core.customers.cleaning import BadInput
from core.customers.registry import customer_attributes
from core.imports.values import converter_of

_WRITTEN = """
a@example.jp A.b@Example.JP x+y_z-1@sub.example.com a@localhost a@-x.jp a@x..jp .a@example.jp a..b@example.jp
a@example a@日本語.jp ａ@example.jp a.@docomo.ne.jp a@1.2.3.4 a@example.test a@example.jp. a@exam_ple.jp
"""
ADDRESSES = [*_WRITTEN.split(), "x" * 70 + "@example.jp", "a@" + "x" * 70 + ".jp"]


def outcome(make, text):
    try:
        return make(text)
    except BadInput as problem:
        return str(problem)


@pytest.mark.parametrize("text", ADDRESSES)
def test_addresses_are_read_as_the_form_reads_them(app, text):
    attribute = customer_attributes()["email"]
    quick = converter_of(attribute)
    assert outcome(quick, text) == outcome(lambda t: clean(attribute, t), text)


def test_telephone_numbers_are_read_as_the_form_reads_them(app):
    attribute = customer_attributes()["phone"]
    quick, chance = converter_of(attribute), random.Random(1)
    for _n in range(1500):
        start = chance.choice(["070", "080", "090", "060", "020", "03", "+81 90"])
        first, second = chance.randrange(10_000), chance.randrange(10_000)
        text = f"{start}{chance.choice(['-', ''])}{first:04d}{chance.choice(['-', ''])}{second:04d}"
        assert outcome(quick, text) == outcome(lambda t: clean(attribute, t), text), text


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("令和8年1月5日", "2026-01-05"),
        ("Ｒ８．１．５", "2026-01-05"),
        ("㋿8年1月5日", "2026-01-05"),
        ("S63/1/7", "1988-01-07"),
        ("昭和64年1月7日", "1989-01-07"),
        ("平成元年1月8日", "1989-01-08"),
        ("明治45年7月29日", "1912-07-29"),
        ("S630107", "1988-01-07"),
        ("2026/4/1 0:00", "2026-04-01"),
        ("2026-04-01 00:00:00", "2026-04-01"),
        ("２０２６年４月１日", "2026-04-01"),
        ("20260401", "2026-04-01"),
        ("昭和64年1月8日", None),
        ("平成元年1月7日", None),
        ("平成0年5月1日", None),
        ("令和8年2月30日", None),
        ("4/1/2026", None),
        ("2026-04-01 10:00", None),
    ],
)
def test_dates_are_read_in_all_usual_shapes(app, text, day):
    from dataclasses import replace

    attribute = replace(customer_attributes()["birthday"], check=None)
    if day is None:
        with pytest.raises(BadInput):
            converter_of(attribute)(text)
    else:
        assert converter_of(attribute)(text).isoformat() == day


def test_choices_are_known_by_value_and_by_both_languages(app):
    attributes = customer_attributes()
    sex = converter_of(attributes["sex"])
    assert [sex(text) for text in ("female", "女性", "Female", " ＦＥＭＡＬＥ ")] == ["female"] * 4
    assert [converter_of(attributes["may_contact"])(text) for text in ("はい", "×", "1", "NO")] == [
        *(True, False, True, False),
    ]
    with pytest.raises(BadInput):
        sex("?")


def test_two_choices_of_one_name_are_not_guessed(app):
    from dataclasses import replace

    from core.conditions.fields import Choice

    attribute = replace(customer_attributes()["rank"], choices=(Choice("a", "同じ"), Choice("b", "同じ")))
    with pytest.raises(BadInput):
        converter_of(attribute)("同じ")
    assert converter_of(attribute)("b") == "b"


def test_landlines_are_read_as_the_form_reads_them(app):
    attribute = customer_attributes()["phone"]
    quick = converter_of(attribute)
    random.seed(7)
    for _number in range(600):
        digits = f"0{random.randrange(10**8, 10 ** random.randint(9, 10))}"
        first, second = random.randint(2, 5), random.randint(6, 7)
        for text in (digits, f"{digits[:first]}-{digits[first:second]}-{digits[second:]}"):
            assert outcome(quick, text) == outcome(lambda t: clean(attribute, t), text), text


def test_rows_that_say_the_same_list_have_lists_of_their_own(app) -> None:
    convert = converter_of(customer_attributes()["interests"])
    first, second = convert("茶会、旅行"), convert("茶会、旅行")
    first.append("他")
    assert second == convert("茶会、旅行") == ["茶会", "旅行"]
