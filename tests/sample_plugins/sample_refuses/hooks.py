from core.api import hookimpl


@hookimpl
def plugin_enabled():
    raise RuntimeError("not today")
