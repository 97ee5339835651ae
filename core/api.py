"""The only module of core that a plugin imports. What is not in `__all__` is not promised."""
# TEMPORARY assembly while the areas are being built: the lead replaces it by plain imports.
import importlib

import pluggy

hookimpl = pluggy.HookimplMarker("kaiin")

_TABLE = {}
import pathlib; exec(pathlib.Path("/tmp/kaiin/api_table.py").read_text().replace("TABLE =", "_TABLE ="))
_RENAMED = {"EmptyState": "Empty", "describe_condition": "describe", "explain_condition": "explain", "throttle_hit": "hit", "index_text": "index", "remove_text": "remove", "text_matches": "matches"}
_WHERE = {n: m for m, ns in _TABLE.items() for n in ns.split()}
_WHERE.update({"explain_condition": "core.conditions", "throttle_hit": "core.security.throttling", "index_text": "core.search", "remove_text": "core.search", "text_matches": "core.search"})


def __getattr__(name):
    if name not in _WHERE:
        raise AttributeError(name)
    module = importlib.import_module(_WHERE[name])
    value = getattr(module, name, None)
    if value is None:
        value = getattr(module, _RENAMED.get(name, name))
    globals()[name] = value
    return value
