"""What columns of a file of companies can fill."""

from collections.abc import Mapping

from core.conditions.fields import FieldType
from core.customers.attributes import Attribute
from core.customers.company_attributes import COMPANY_ATTRIBUTES
from core.i18n import _l

PARENT = "parent"
# Not among the values of a company: it is another company, found by this text.
PARENT_ATTRIBUTE = Attribute(PARENT, _l("Parent company"), FieldType.TEXT, "relation", 200)


def company_columns() -> Mapping[str, Attribute]:
    """Return what is entered about a company, and its parent."""
    return {**COMPANY_ATTRIBUTES, PARENT: PARENT_ATTRIBUTE}
