"""Who may see and who may change which field: one rule, asked by the registry for everybody.

Owners may do everything, members are no staff and have forms of their own. A right less than
`edit` is kept by field and staff role; fields without a rule are open to whoever sees customers.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import select

from core import masks
from core.accounts.models import Account, Role, RoleKind
from core.activity.services import record_audit
from core.conditions.fields import Field, FieldType
from core.customers.field_models import FieldAccess
from core.db import db
from core.errors import NotFound, ValidationFailed
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.sessions import current_account
from core.settings.services import bump_version

# What stands on no screen but as a fact. Names and addresses find and head the customer
# everywhere, stages and labels steer the work, and a caution must be seen to be heeded.
RESTRICTABLE = frozenset(
    {
        *("area", "rank", "source", "source_detail", "preferred_channel"),
        *("department", "job_title", "is_decision_maker"),
        *("sex", "birthday", "occupation", "interests", "family_structure"),
    }
)
# What may be shown in part: texts by which somebody is reached or found at home. These contact fields
# are masked at most, as the work with customers needs to know that there is something.
MASKS: Mapping[str, Callable[[str], str]] = {
    "email": masks.mask_email,
    "phone": masks.mask_digits,
    "postal_code": masks.mask_postal,
    "address_line": masks.mask_rest,
    "building": masks.mask_rest,
}
_MASKS_BY_TYPE: Mapping[FieldType, Callable[[str], str]] = {
    FieldType.EMAIL: masks.mask_email,
    FieldType.PHONE: masks.mask_digits,
    FieldType.TEXT: masks.mask_rest,
}
_NAMES_BY_TYPE: Mapping[FieldType, str] = {FieldType.EMAIL: "email", FieldType.PHONE: "phone"}
F = TypeVar("F", bound=Field)
# What follows from a field may be seen by those who may see the field.
_MADE_FROM: Mapping[str, str] = dict.fromkeys(("age", "birth_month", "birthday_era"), "birthday")


class Right(enum.StrEnum):
    """What a role may do with a field; each right holds the ones below."""

    NONE = "none"
    MASKED = "masked"
    READ = "read"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class FieldRule:
    """The rights on one field, by the id of a role."""

    others: Right
    roles: Mapping[int, Right]

    def of(self, role_id: int | None) -> Right:
        """Return what a role may do."""
        return self.roles.get(role_id or 0, self.others)


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts, as far as fields are concerned."""

    is_owner: bool
    is_staff: bool
    role_id: int | None


def field_rules() -> Mapping[str, FieldRule]:
    """Return the rules by field; those without one are open."""
    return current_snapshot().memo("core.field_rules", _load_rules)


def _load_rules() -> Mapping[str, FieldRule]:
    rows = db.session.execute(select(FieldAccess.field_name, FieldAccess.others, FieldAccess.roles))
    return MappingProxyType({row.field_name: _rule(row.others, row.roles) for row in rows})


def _rule(others: str, roles: Mapping[str, str]) -> FieldRule:
    return FieldRule(Right(others), {int(role): Right(right) for role, right in roles.items()})


def right_of(account: Any, name: str) -> Right:
    """Return what somebody may do with a field; nobody (None) is the site itself."""
    rule = field_rules().get(_MADE_FROM.get(name, name))
    if rule is None or account is None or account.is_owner or not account.is_staff:
        return Right.EDIT
    return rule.of(account.role_id)


def may_see(account: Any, name: str) -> bool:
    """Tell whether somebody may see a field, and so filter by it and take it out."""
    return right_of(account, name) is not Right.NONE


def sees_plainly(account: Any, name: str) -> bool:
    """Tell whether somebody sees a field as it is: neither closed nor masked."""
    return right_of(account, name) in (Right.READ, Right.EDIT)


def sees_all(account: Any) -> bool:
    """Tell whether no field is closed to somebody, or shown only in part."""
    return all(sees_plainly(account, name) for name in field_rules())


def mask_of(account: Any, name: str, kind: FieldType) -> Callable[[str], str] | None:
    """Return what to show somebody instead of a field's text; None for the text itself."""
    if right_of(account, name) is not Right.MASKED:
        return None
    return MASKS.get(name) or _MASKS_BY_TYPE.get(kind, masks.mask_rest)


def masked_names(account: Any) -> frozenset[str]:
    """Return the fields that somebody sees only in part."""
    if not is_bound(account):
        return frozenset()
    return frozenset(name for name in field_rules() if right_of(account, name) is Right.MASKED)


def shown_to(account: Any, field: F) -> F:
    """Return a field of any table as an account meets it: masked where its name or its kind is.

    Whoever could filter or sort by it would find out the rest.
    """
    masked = masked_names(account)
    if not masked or field.mask is not None:
        return field
    name = field.name if field.name in masked else _NAMES_BY_TYPE.get(field.type, "")
    if name not in masked:
        return field
    mask = mask_of(account, name, field.type)

    def masked_field() -> F:
        return replace(field, mask=mask, filterable=False, sortable=False)

    # One object for all: compiled conditions are kept by the fields that they use.
    kept, shown = current_snapshot().memo(
        ("core.masked_field", account.role_id, type(field), field.name), lambda: (field, masked_field())
    )
    return shown if kept is field else masked_field()


def rights_on(name: str) -> Sequence[Right]:
    """Return the rights that can be given on a field, the most first."""
    from core.customers.registry import stored_attributes

    if name in MASKS:
        return (Right.EDIT, Right.READ, Right.MASKED)
    attribute = stored_attributes().get(name)
    if attribute is not None and attribute.custom_id is not None and attribute.type in _MASKS_BY_TYPE:
        return (Right.EDIT, Right.READ, Right.MASKED, Right.NONE)
    return (Right.EDIT, Right.READ, Right.NONE)


def is_bound(account: Any) -> bool:
    """Tell whether any field may be closed to somebody."""
    return account is not None and not account.is_owner and account.is_staff and bool(field_rules())


def actor_of(by: int | None) -> Any:
    """Return who acts under an account's id: whoever is signed in, or the account; None for the site."""
    if by is None or not field_rules():
        return None
    account = current_account()
    if account is not None and account.id == by:
        return account
    query = select(Role.kind, Role.id).join(Account, Account.role_id == Role.id).where(Account.id == by)
    row = db.session.execute(query).first()
    if row is None:
        # Somebody whom nobody knows any more may do what a role made later may.
        return Actor(is_owner=False, is_staff=True, role_id=None)
    return Actor(row.kind == RoleKind.OWNER, row.kind != RoleKind.MEMBER, row.id)


def staff_roles() -> list[Role]:
    """Return the roles that can be given less than everything."""
    query = select(Role).where(Role.kind == RoleKind.STAFF).order_by(Role.name, Role.id)
    return list(db.session.execute(query).scalars())


def set_field_rights(
    name: str, rights: Mapping[int, str], others: str = Right.EDIT, *, by: int | None = None
) -> None:
    """Say what staff roles may do with a field; raise NotFound or ValidationFailed.

    Owners decide; the screen asks for one.
    """
    if not is_restrictable(name):
        raise NotFound(_("There is no such field."))
    known = {role.id for role in staff_roles()}
    try:
        rule = FieldRule(Right(others), {role: Right(right) for role, right in rights.items()})
    except ValueError:
        raise ValidationFailed({"others": _("Choose one of the list.")}) from None
    if not rule.roles.keys() <= known or not {rule.others, *rule.roles.values()} <= set(rights_on(name)):
        raise ValidationFailed({"others": _("Choose one of the list.")})
    row = db.session.execute(select(FieldAccess).where(FieldAccess.field_name == name)).scalar()
    if row is None:
        row = FieldAccess(field_name=name)
        db.session.add(row)
    kept = {str(role): right.value for role, right in rule.roles.items() if right is not rule.others}
    row.others, row.roles = rule.others.value, kept
    if rule.others is Right.EDIT and not kept:
        db.session.delete(row) if row.id is not None else db.session.expunge(row)
    db.session.flush()
    bump_version()
    data = {"name": name, "others": rule.others.value, "roles": kept}
    record_audit("field.rights_changed", target=None, by=by, data=data)


def is_restrictable(name: str) -> bool:
    """Tell whether rights on a field can be given: the owner's own, and some that are built in."""
    from core.customers.registry import stored_attributes

    attribute = stored_attributes().get(name)
    return attribute is not None and (
        attribute.custom_id is not None or name in RESTRICTABLE or name in MASKS
    )


def forget_rights(name: str) -> None:
    """Forget the rule of a field that is deleted. Needs a transaction."""
    row = db.session.execute(select(FieldAccess).where(FieldAccess.field_name == name)).scalar()
    if row is not None:
        db.session.delete(row)
