"""The errors that services raise and that views, commands and jobs turn into answers."""

from collections.abc import Mapping


class KaiinError(Exception):
    """Base of all errors with a message that may be shown to the person who acted."""

    def __init__(self, message: object = "") -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(KaiinError):
    """The acting account lacks the right to do this (HTTP 403)."""


class NotFound(KaiinError):
    """The named thing does not exist or must not be known to exist (HTTP 404)."""


class Conflict(KaiinError):
    """The state of the data forbids this now, e.g. a taken e-mail address (HTTP 409)."""


class ValidationFailed(KaiinError):
    """Input was refused; `errors` maps field names to messages (HTTP 422)."""

    def __init__(self, errors: Mapping[str, object], message: object = "") -> None:
        super().__init__(message or "; ".join(f"{name}: {text}" for name, text in errors.items()))
        self.errors = dict(errors)


class PluginError(KaiinError):
    """A plugin could not be loaded, enabled, disabled or called; `plugin` is its name."""

    def __init__(self, plugin: str, message: object) -> None:
        super().__init__(message)
        self.plugin = plugin


class ConfigurationError(KaiinError):
    """The installation's settings are unsafe or contradict each other; Kaiin does not start."""
