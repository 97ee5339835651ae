from core.api import hookimpl


@hookimpl
def register_permissions():
    raise LookupError("declaration")
