"""What can be entered about a customer, in the order of the form."""

from collections.abc import Mapping

from core.conditions.fields import FieldType
from core.customers.attributes import Attribute
from core.customers.choices import CHANNELS, RANKS, SEXES, SOURCES, STAGES
from core.customers.lists import label_choices, staff_choices
from core.customers.shared_attributes import (
    address_attributes,
    check_kana,
    check_past,
    social_attributes,
)
from core.i18n import _l

_TEXT, _CHOICE, _DATE = FieldType.TEXT, FieldType.CHOICE, FieldType.DATE
LONG = 5_000


_ALL = (
    Attribute("family_name", _l("Family name"), _TEXT, "name", 100, autocomplete="family-name"),
    Attribute("given_name", _l("Given name"), _TEXT, "name", 100, autocomplete="given-name"),
    Attribute("family_kana", _l("Family name (kana)"), _TEXT, "name", 100, check=check_kana),
    Attribute("given_kana", _l("Given name (kana)"), _TEXT, "name", 100, check=check_kana),
    Attribute("email", _l("E-mail"), FieldType.EMAIL, "contact", 254, autocomplete="email"),
    Attribute("phone", _l("Telephone"), FieldType.PHONE, "contact", 40, autocomplete="tel"),
    Attribute("may_contact", _l("May be contacted"), FieldType.BOOLEAN, "contact"),
    Attribute("preferred_channel", _l("Preferred channel"), _CHOICE, "contact", 20, choices=CHANNELS),
    *address_attributes(),
    Attribute("area", _l("Home area"), _TEXT, "address", 100),
    Attribute("stage", _l("Stage"), _CHOICE, "relation", 10, choices=STAGES, required=True),
    Attribute("rank", _l("Rank"), _CHOICE, "relation", 20, choices=RANKS),
    Attribute("labels", _l("Labels"), FieldType.MULTI, "relation", 60, choices=label_choices),
    Attribute("source", _l("How we met"), _CHOICE, "relation", 40, choices=SOURCES),
    Attribute("source_detail", _l("How we met, in detail"), _TEXT, "relation"),
    Attribute("assigned_account_id", _l("Person in charge"), _CHOICE, "relation", 20, choices=staff_choices),
    Attribute("last_confirmed_on", _l("Last confirmed on"), _DATE, "relation", check=check_past),
    Attribute("company_name", _l("Company"), _TEXT, "work", autocomplete="organization"),
    Attribute("department", _l("Department"), _TEXT, "work", 100),
    Attribute("job_title", _l("Job title"), _TEXT, "work", 100, autocomplete="organization-title"),
    Attribute("is_decision_maker", _l("Decision maker"), FieldType.BOOLEAN, "work"),
    Attribute(
        *("is_contact_person", _l("Contact person of the company"), FieldType.BOOLEAN, "work"),
        help=_l("Whom to turn to first at the company."),
    ),
    Attribute("sex", _l("Sex"), _CHOICE, "profile", 20, choices=SEXES),
    Attribute("birthday", _l("Birthday"), _DATE, "profile", autocomplete="bday", check=check_past),
    Attribute("occupation", _l("Occupation"), _TEXT, "profile", 100),
    Attribute(
        *("interests", _l("Interests"), FieldType.MULTI, "profile", 60),
        help=_l("Separate several with commas."),
    ),
    Attribute("family_structure", _l("Family members"), _TEXT, "profile", 500),
    *social_attributes(),
    Attribute("caution_note", _l("Caution"), _TEXT, "notes", 2_000, multiline=True),
    Attribute("memo", _l("Memo"), _TEXT, "notes", LONG, multiline=True),
)
CUSTOMER_ATTRIBUTES: Mapping[str, Attribute] = {attribute.name: attribute for attribute in _ALL}
