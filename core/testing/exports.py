"""Takes files out in tests, as the screens do."""

import itertools
from typing import Any

PURPOSE = {"purpose": "other", "purpose_note": "For a test"}
_marks = itertools.count(1)


def new_form(**values: Any) -> dict[str, Any]:
    """Return what a form that takes data out sends: a purpose and a mark of its own."""
    return {**PURPOSE, "once": f"mark-of-a-form-{next(_marks)}", **values}


def take_out(client: Any, path: str, **values: Any) -> Any:
    """Take the results of a list out as a file: all of them, or those of `ids`; return the answer."""
    scope = {} if "ids" in values else {"scope": "all"}
    return client.post(path, data=new_form(do="take-out", **scope, **values))
