"""What stands in a form before the visitor types: from the address, the member, or the owner."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import has_request_context, request

from core.api import Customer, current_member_id, db, keep_private

from .cleaning import readable
from .definitions import FieldDefinition, FormDefinition
from .kinds import Kind, SavesAs, has_option
from .own_fields import is_own, own_answer
from .prefectures import PREFECTURE_NAME_OF
from .schema import Given

_MEMBER: dict[str, Callable[[Customer], Any]] = {
    SavesAs.NAME: lambda customer: f"{customer.family_name or ''} {customer.given_name or ''}".strip(),
    SavesAs.KANA: lambda customer: customer.kana,
    SavesAs.PREFECTURE: lambda customer: PREFECTURE_NAME_OF.get(customer.prefecture or ""),
}
MEMBER_FIELDS = tuple(str(name) for name in SavesAs if name)


def prefill(definition: FormDefinition) -> Mapping[str, list[str]]:
    """Return what stands in the empty form of this request, by field key."""
    filled = {field.key: _values(field) for field in definition.fields if field.is_asked}
    return {key: values for key, values in filled.items() if values}


def with_fixed(definition: FormDefinition, given: Given) -> Given:
    """Return what was sent with the answers that visitors cannot change as they stood in the form.

    What a page's address fills in is anybody's choice anyway.
    """
    fixed = {
        field.key: _known_values(field)
        for field in definition.fields
        if field.options.readonly and has_option(field.kind, "readonly") and not field.options.url_parameter
    }
    return {**given, **fixed} if fixed else given


def _values(field: FieldDefinition) -> list[str]:
    options = field.options
    asked = _of_address(options.url_parameter)
    if any(asked):
        # An address may hold somebody's name; some caches do not look at what follows the question mark.
        keep_private()
        return readable(asked)[: None if field.takes_several else 1]
    return _known_values(field)


def _known_values(field: FieldDefinition) -> list[str]:
    options = field.options
    known = _of_member(options.member_field) if options.member_field else []
    if known:
        return known if field.takes_several else known[:1]
    several = field.takes_several or field.kind in (Kind.SELECT, Kind.RADIO, Kind.PREFECTURE)
    lines = options.default.splitlines() if several else [options.default]
    return [line for line in lines if line]


def _of_address(name: str) -> list[str]:
    return request.args.getlist(name) if name and has_request_context() else []


def _of_member(name: str) -> list[str]:
    member_id = current_member_id() if has_request_context() else None
    if member_id is None or (name not in MEMBER_FIELDS and not is_own(name)):
        return []
    # One read serves all fields of the page: the session holds the customer.
    customer = db.session.get(Customer, member_id)
    if customer is None:
        return []
    if is_own(name):
        return own_answer(customer, name)
    read = _MEMBER.get(name)
    value = read(customer) if read else getattr(customer, name)
    return [str(value)] if value else []
