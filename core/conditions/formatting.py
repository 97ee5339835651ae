"""How a field's value is written for people: in lists, on the customer page, in mails."""

from collections.abc import Iterable
from typing import Any

from core.conditions.fields import Field, FieldType
from core.conditions.value_words import say_value
from core.i18n import _, current_language, in_language


def format_value(field: Field, value: Any, language: str | None = None) -> str:
    """Return `value` of `field` in words of `language` (None: the reader's); empty for None.

    Choices show their labels, moments the site's time, money its currency. The value of a multi
    field is a collection of its values.
    """
    if value is None:
        return ""
    if language is None or language == current_language():
        text = _in_words(field, value)
    else:
        with in_language(language):
            text = _in_words(field, value)
    return text if field.mask is None else field.mask(text)


def _in_words(field: Field, value: Any) -> str:
    if field.type is FieldType.BOOLEAN:
        return _("Yes") if value else _("No")
    if field.type is FieldType.MULTI:
        return _list(field, value)
    return say_value(field, value)


def _list(field: Field, values: Iterable[Any]) -> str:
    labels = {choice.value: str(choice.label) for choice in field.list_choices()}
    chosen = set(values)
    known = [label for value, label in labels.items() if value in chosen]
    others = sorted(str(value) for value in chosen if value not in labels)
    return _(", ").join([*known, *others])
