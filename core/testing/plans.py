"""How the database would run a statement."""

from typing import Any

from core.db import db


def explain(query: Any) -> str:
    """Return the plan of a SELECT with its values written in, one step per line."""
    compiled = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    word = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
    rows = db.session.connection().exec_driver_sql(word + str(compiled).replace("%", "%%")).all()
    return "\n".join(str(row[-1]) for row in rows)
