"""What mails and their states are called on screens."""

from core.conditions.fields import Choice
from core.i18n import LANGUAGES, _l
from core.mail.models import MailState
from core.plugin_host.snapshot import current_snapshot

STATES = (
    Choice(MailState.QUEUED, _l("Waiting")),
    Choice(MailState.SENDING, _l("Being sent")),
    Choice(MailState.SENT, _l("Sent")),
    Choice(MailState.FAILED, _l("Will be tried again")),
    Choice(MailState.DEAD, _l("Not delivered")),
    Choice(MailState.UNKNOWN, _l("Unclear")),
)
STATE_TONES = {
    MailState.QUEUED: "neutral",
    MailState.SENDING: "info",
    MailState.SENT: "success",
    MailState.FAILED: "warning",
    MailState.DEAD: "danger",
    MailState.UNKNOWN: "danger",
}
LANGUAGES_SAID = tuple(
    Choice(code, title) for code, title in zip(LANGUAGES, (_l("Japanese"), _l("English")), strict=True)
)


def template_titles() -> list[Choice]:
    """Return the kinds of mail that exist now, by their titles."""
    templates = current_snapshot().mail_templates.values()
    return [Choice(template.name, template.title) for template in templates]


def template_title(name: str) -> str:
    """Return what a kind of mail is called; its name while its plugin is off."""
    template = current_snapshot().mail_templates.get(name)
    return str(template.title) if template is not None else name


def state_title(state: str) -> str:
    """Return what a state is called."""
    return next(str(choice.label) for choice in STATES if choice.value == state)
