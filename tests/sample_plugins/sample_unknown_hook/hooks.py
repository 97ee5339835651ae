from core.api import hookimpl


@hookimpl
def no_such_hook():
    pass
