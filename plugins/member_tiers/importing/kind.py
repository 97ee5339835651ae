"""Memberships as a kind of rows that files may bring."""

from core.api import ImportKind, _l

from ..declarations import MEMBERSHIPS_EDIT
from .columns import MATCHES, columns
from .rows import MembershipRows

NAME = "member_tiers.memberships"
KIND = ImportKind(
    NAME,
    _l("Memberships"),
    _l("One membership a row: a customer, a tier, its days and its state."),
    MEMBERSHIPS_EDIT,
    columns,
    MATCHES,
    MembershipRows,
)
