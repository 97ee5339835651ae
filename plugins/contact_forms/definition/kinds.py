"""The kinds of question, and which options each has."""

import enum

from core.api import _l


class Kind(enum.StrEnum):
    """The kinds of question, and the line that begins a new step."""

    TEXT = "text"
    KANA = "kana"
    EMAIL = "email"
    TEL = "tel"
    URL = "url"
    POSTAL = "postal"
    PREFECTURE = "prefecture"
    TEXTAREA = "textarea"
    NUMBER = "number"
    RANGE = "range"
    DATE = "date"
    SELECT = "select"
    RADIO = "radio"
    CHECKBOXES = "checkboxes"
    ACCEPTANCE = "acceptance"
    QUIZ = "quiz"
    FILE = "file"
    HIDDEN = "hidden"
    STEP = "step"


# The owner writes the choices of these.
WITH_CHOICES = frozenset({Kind.SELECT, Kind.RADIO, Kind.CHECKBOXES})
NUMERIC = frozenset({Kind.NUMBER, Kind.RANGE})

MAX_LENGTHS = {
    Kind.TEXT: 400,
    Kind.KANA: 200,
    Kind.EMAIL: 254,
    Kind.TEL: 40,
    Kind.URL: 2_000,
    Kind.POSTAL: 20,
    Kind.TEXTAREA: 10_000,
    Kind.NUMBER: 30,
    Kind.RANGE: 30,
    Kind.DATE: 20,
    Kind.QUIZ: 200,
    Kind.HIDDEN: 2_000,
}

KIND_TITLES = {
    Kind.TEXT: _l("Short text"),
    Kind.KANA: _l("Kana (フリガナ)"),
    Kind.EMAIL: _l("E-mail address"),
    Kind.TEL: _l("Phone number"),
    Kind.URL: _l("Web address (URL)"),
    Kind.POSTAL: _l("Postal code (〒)"),
    Kind.PREFECTURE: _l("Prefecture"),
    Kind.TEXTAREA: _l("Long text"),
    Kind.NUMBER: _l("Number (amount)"),
    Kind.RANGE: _l("Slider"),
    Kind.DATE: _l("Day (date)"),
    Kind.SELECT: _l("Drop-down list"),
    Kind.RADIO: _l("Choose one"),
    Kind.CHECKBOXES: _l("Choose several"),
    Kind.ACCEPTANCE: _l("Consent"),
    Kind.QUIZ: _l("Quiz against robots"),
    Kind.FILE: _l("File"),
    Kind.HIDDEN: _l("Hidden value"),
    Kind.STEP: _l("New step"),
}

_SHORT = frozenset({Kind.TEXT, Kind.KANA, Kind.EMAIL, Kind.TEL, Kind.URL})
_TYPED = _SHORT | {Kind.POSTAL, Kind.TEXTAREA, Kind.NUMBER, Kind.DATE}
_LISTS = WITH_CHOICES | {Kind.PREFECTURE}
_ASKED = frozenset(Kind) - {Kind.STEP}

# Which option the builder offers for which kinds; what is missing here every kind has.
OPTION_KINDS: dict[str, frozenset[Kind]] = {
    "required": _ASKED - {Kind.HIDDEN, Kind.QUIZ, Kind.RANGE},
    "help": frozenset(Kind) - {Kind.HIDDEN},
    "choices": WITH_CHOICES,
    "statement": frozenset({Kind.ACCEPTANCE}),
    "placeholder": _SHORT | {Kind.POSTAL, Kind.TEXTAREA, Kind.NUMBER, Kind.QUIZ},
    "min_length": _SHORT | {Kind.TEXTAREA},
    "max_length": _SHORT | {Kind.TEXTAREA},
    "size": _SHORT | {Kind.POSTAL},
    "rows": frozenset({Kind.TEXTAREA}),
    "count": frozenset({Kind.TEXT, Kind.TEXTAREA}),
    "minimum": NUMERIC | {Kind.DATE},
    "maximum": NUMERIC | {Kind.DATE},
    "step": NUMERIC,
    "min_items": frozenset({Kind.CHECKBOXES}),
    "max_items": frozenset({Kind.CHECKBOXES}),
    "default": _TYPED | _LISTS | {Kind.RANGE, Kind.HIDDEN, Kind.ACCEPTANCE},
    "url_parameter": _TYPED | _LISTS | {Kind.RANGE, Kind.HIDDEN},
    "member_field": _TYPED - {Kind.NUMBER} | {Kind.HIDDEN, Kind.PREFECTURE},
    "readonly": _TYPED,
    "autocomplete": _SHORT | {Kind.POSTAL, Kind.PREFECTURE},
    "include_blank": frozenset({Kind.SELECT}),
    "first_as_label": frozenset({Kind.SELECT}),
    "multiple": frozenset({Kind.SELECT}),
    "exclusive": frozenset({Kind.CHECKBOXES}),
    "free_text": frozenset({Kind.RADIO, Kind.CHECKBOXES}),
    "inverted": frozenset({Kind.ACCEPTANCE}),
    "questions": frozenset({Kind.QUIZ}),
    "file_groups": frozenset({Kind.FILE}),
    "file_endings": frozenset({Kind.FILE}),
    "file_size": frozenset({Kind.FILE}),
    "file_count": frozenset({Kind.FILE}),
    "file_total": frozenset({Kind.FILE}),
    "show_if": _ASKED - {Kind.HIDDEN},
}


def has_option(kind: Kind, name: str) -> bool:
    """Tell whether fields of a kind have an option."""
    kinds = OPTION_KINDS.get(name)
    return kinds is None or kind in kinds


class SavesAs(enum.StrEnum):
    """What of the customer an answer is."""

    NOTHING = ""
    NAME = "name"
    FAMILY_NAME = "family_name"
    GIVEN_NAME = "given_name"
    KANA = "kana"
    FAMILY_KANA = "family_kana"
    GIVEN_KANA = "given_kana"
    EMAIL = "email"
    PHONE = "phone"
    POSTAL_CODE = "postal_code"
    PREFECTURE = "prefecture"
    CITY = "city"
    ADDRESS_LINE = "address_line"
    BUILDING = "building"


SAVES_AS_BY_KIND: dict[Kind, tuple[SavesAs, ...]] = {
    Kind.TEXT: (
        SavesAs.NOTHING,
        SavesAs.NAME,
        SavesAs.FAMILY_NAME,
        SavesAs.GIVEN_NAME,
        SavesAs.CITY,
        SavesAs.ADDRESS_LINE,
        SavesAs.BUILDING,
    ),
    Kind.KANA: (SavesAs.KANA, SavesAs.FAMILY_KANA, SavesAs.GIVEN_KANA, SavesAs.NOTHING),
    Kind.EMAIL: (SavesAs.EMAIL, SavesAs.NOTHING),
    Kind.TEL: (SavesAs.PHONE, SavesAs.NOTHING),
    Kind.POSTAL: (SavesAs.POSTAL_CODE, SavesAs.NOTHING),
    Kind.PREFECTURE: (SavesAs.PREFECTURE, SavesAs.NOTHING),
}

SAVES_AS_TITLES = {
    SavesAs.NOTHING: _l("Not saved there"),
    SavesAs.NAME: _l("Full name"),
    SavesAs.FAMILY_NAME: _l("Family name"),
    SavesAs.GIVEN_NAME: _l("Given name"),
    SavesAs.KANA: _l("Full name in kana"),
    SavesAs.FAMILY_KANA: _l("Family name in kana"),
    SavesAs.GIVEN_KANA: _l("Given name in kana"),
    SavesAs.EMAIL: _l("E-mail address"),
    SavesAs.PHONE: _l("Phone number"),
    SavesAs.POSTAL_CODE: _l("Postal code"),
    SavesAs.PREFECTURE: _l("Prefecture"),
    SavesAs.CITY: _l("City, ward or town"),
    SavesAs.ADDRESS_LINE: _l("Street and number"),
    SavesAs.BUILDING: _l("Building and room"),
}
