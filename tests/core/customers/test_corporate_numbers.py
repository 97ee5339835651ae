"""The corporate number: its check digit, the ways in which it is typed, and what is said of wrong ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.customers.cleaning import BadInput
from core.customers.corporate_number import check_corporate_number, check_digit, is_corporate_number
from core.customers.queries import find_companies_numbered
from core.i18n import in_language
from core.testing.factories import make_company

TAX_AGENCY, REGISTERED = "7000012050002", "000012050002"
BASES = st.text("0123456789", min_size=12, max_size=12)
WIDE = str.maketrans("0123456789T-", "０１２３４５６７８９Ｔー")


def refusal(typed, language="en"):
    with in_language(language), pytest.raises(BadInput) as problem:
        check_corporate_number(typed)
    return str(problem.value)


def test_the_number_of_the_tax_agency_fits():
    assert check_digit(REGISTERED) == "7"
    assert is_corporate_number(TAX_AGENCY)


@given(BASES)
def test_exactly_one_digit_from_1_to_9_fits_in_front(base):
    fitting = [digit for digit in "0123456789" if is_corporate_number(digit + base)]
    assert fitting == [check_digit(base)]
    assert fitting[0] in "123456789"


@given(BASES, st.integers(0, 11), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_found_unless_it_is_a_nine_for_a_zero(base, place, other):
    wrong = base[:place] + other + base[place + 1 :]
    same_remainder = (int(base[place]) - int(other)) % 9 == 0
    assert is_corporate_number(check_digit(base) + wrong) is same_remainder


@given(BASES, st.booleans(), st.booleans(), st.sampled_from(("", "-", " ", "‐")))
def test_however_it_is_typed_thirteen_digits_are_kept(base, is_wide, is_invoice, gap):
    number = check_digit(base) + base
    typed = ("T" if is_invoice else "") + gap.join((number[0], number[1:5], number[5:9], number[9:]))
    assert check_corporate_number(typed.translate(WIDE) if is_wide else typed.lower()) == number


@given(st.text(max_size=30))
def test_whatever_else_is_typed_is_refused_with_words(text):
    try:
        assert is_corporate_number(check_corporate_number(text))
    except BadInput as problem:
        assert str(problem)


def test_a_refusal_says_what_to_do(app):
    assert TAX_AGENCY in refusal(REGISTERED)
    assert "here are 14" in refusal("70000120500021")
    assert "check digit" in refusal("8000012050002")
    assert "13 digits" in refusal("none")
    assert "13桁ですが、14桁" in refusal("70000120500021", "ja")
    assert f"法人番号は {TAX_AGENCY} です" in refusal(REGISTERED, "ja")
    assert "見比べて" in refusal("8000012050002", "ja")


def test_companies_with_a_number_are_found_by_it(app):
    company = make_company("みどり", corporate_number=f"T{TAX_AGENCY}")
    assert [found.id for found in find_companies_numbered(TAX_AGENCY)] == [company.id]
    assert find_companies_numbered(TAX_AGENCY, but=company.id) == []
