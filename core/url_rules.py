"""URL rules that do not make ready for building addresses before somebody builds one.

Werkzeug compiles two functions for each rule as it is registered: most of the time that the app
took to start, in every web worker, command and test, for addresses that are rarely all built.
"""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class UrlRule(Rule):
    """A Werkzeug rule whose builders are compiled at first use."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        name = "_build_unknown" if append_unknown else "_build"

        # Values of a rule may have any name, `self` too.
        def build(rule: "UrlRule", /, **values: Any) -> tuple[str, str]:
            compiled = super(UrlRule, rule)._compile_builder(append_unknown).__get__(rule, None)
            setattr(rule, name, compiled)
            built: tuple[str, str] = compiled(**values)
            return built

        return build
