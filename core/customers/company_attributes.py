"""What can be entered about a company, in the order of the form."""

from collections.abc import Mapping

from core.conditions.fields import FieldType
from core.customers.attributes import Attribute
from core.customers.choices import LISTINGS, RANKS
from core.customers.corporate_number import check_corporate_number
from core.customers.shared_attributes import (
    address_attributes,
    check_kana,
    check_month,
    check_not_negative,
    check_past,
    check_website,
    social_attributes,
)
from core.i18n import _l

_TEXT, _INTEGER = FieldType.TEXT, FieldType.INTEGER
LONG = 5_000
MOST_MONEY = 10**15
MOST_PEOPLE = 10**8

_ALL = (
    Attribute("name", _l("Company name"), _TEXT, "name", required=True, autocomplete="off"),
    Attribute("kana", _l("Company name (kana)"), _TEXT, "name", check=check_kana),
    Attribute(
        *("corporate_number", _l("Corporate number"), _TEXT, "name", 40),
        autocomplete="off",
        help=_l("13 digits; an invoice number that begins with T will do as well."),
        check=check_corporate_number,
    ),
    Attribute("representative", _l("Representative"), _TEXT, "name", 100),
    Attribute("email", _l("E-mail"), FieldType.EMAIL, "contact", 254, autocomplete="off"),
    Attribute("phone", _l("Telephone"), FieldType.PHONE, "contact", 40, autocomplete="off"),
    Attribute("website", _l("Website"), _TEXT, "contact", 500, check=check_website),
    Attribute(
        *("decision_contact", _l("How to reach the decision maker"), _TEXT, "contact", 500),
        multiline=True,
    ),
    *address_attributes(),
    Attribute("industry", _l("Industry"), _TEXT, "profile", 100),
    Attribute("business", _l("Business"), _TEXT, "profile", LONG, multiline=True),
    Attribute("capital", _l("Capital"), FieldType.MONEY, "profile", MOST_MONEY, check=check_not_negative),
    Attribute("employees", _l("Employees"), _INTEGER, "profile", MOST_PEOPLE, check=check_not_negative),
    Attribute("listing", _l("Stock market"), FieldType.CHOICE, "profile", 20, choices=LISTINGS),
    Attribute("fiscal_month", _l("Closing month"), _INTEGER, "profile", 12, check=check_month),
    Attribute("founded_on", _l("Founded on"), FieldType.DATE, "profile", check=check_past),
    Attribute("rank", _l("Rank"), FieldType.CHOICE, "relation", 20, choices=RANKS),
    *social_attributes(),
    Attribute("memo", _l("Memo"), _TEXT, "notes", LONG, multiline=True),
)
COMPANY_ATTRIBUTES: Mapping[str, Attribute] = {attribute.name: attribute for attribute in _ALL}
