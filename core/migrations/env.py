"""The one Alembic environment, for core and for every plugin (see core.plugin_host.migrations)."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from core.db_base import Base

attributes = context.config.attributes


def _render_item(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    if kind != "type" or type(item).__module__ != "core.db_base":
        return False
    source = "core.db_base" if attributes["version_table"].startswith("core_") else "core.api"
    autogenerate.imports.add(f"from {source} import {type(item).__name__}")
    return f"{type(item).__name__}()"


context.configure(
    connection=attributes["connection"],
    target_metadata=Base.metadata,
    version_table=attributes["version_table"],
    render_as_batch=True,
    compare_type=False,
    include_object=attributes["include_object"],
    render_item=_render_item,
    transaction_per_migration=False,
    user_module_prefix=None,
)
context.run_migrations()
