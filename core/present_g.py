"""Flask's `g` without its proxy, for what every request asks a dozen times: the proxy's look-up takes
longer than what is read.
"""

from flask.ctx import _AppCtxGlobals
from flask.globals import _cv_app


def present_g() -> _AppCtxGlobals | None:
    """Return the `g` of the present application context, None outside of one."""
    context = _cv_app.get(None)
    return context.g if context is not None else None
