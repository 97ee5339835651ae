"""What the work on messages is called on screens."""

from core.api import Choice, _l

from ..models_work import Status

STATUS_TITLES = {
    Status.NEW: _l("New"),
    Status.IN_PROGRESS: _l("In progress"),
    Status.WAITING: _l("Awaiting reply"),
    Status.DONE: _l("Done"),
}
STATUS_CHOICES = tuple(Choice(status.value, title) for status, title in STATUS_TITLES.items())
STATUS_TONES = {
    Status.NEW.value: "accent",
    Status.IN_PROGRESS.value: "info",
    Status.WAITING.value: "warning",
    Status.DONE.value: "success",
}
