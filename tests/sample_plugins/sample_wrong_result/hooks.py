from core.api import hookimpl


@hookimpl
def register_exports():
    return ["not an export"]
