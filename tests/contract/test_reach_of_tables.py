"""Every table that names a customer or a company is held to what the reader may see."""

import re

from core.customers.reach.enforcing import _declared, _keys, _table
from core.db_base import Base

# customer_id, other_customer_id, kept_company_id, …; also without a foreign key to say so.
NAMES_ONE = re.compile(r"(?:^|_)(?:customer|company)_id$")


def test_no_table_names_a_customer_past_what_its_reader_may_see(app) -> None:
    bare = set()
    for mapper in Base.registry.mappers:
        table = _table(mapper)
        known = {column.name for column, _target in _keys(table)}
        named = {column.name for column in table.columns if NAMES_ONE.search(column.name)}
        if named - known and _declared(mapper.class_) is None:
            bare.add(f"{table.name}: {', '.join(sorted(named - known))}")
    assert not bare, "give these a foreign key, or say what they may be read by with __reach__"
