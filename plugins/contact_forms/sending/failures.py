"""What the page's script says when a form could not be sent."""

from core.api import _


def failure_texts() -> dict[str, str]:
    """Return the words by what went wrong; `status` ones are named after the answer's number."""
    return {
        "sending": _("Sending …"),
        "offline": _(
            "Your device is not connected to the internet. What you typed is still here: "
            "connect and press the button again."
        ),
        "timeout": _(
            "The connection is too slow, and it is not certain that your answers arrived. "
            "Press the button again: they will arrive only once."
        ),
        "unreachable": _(
            "This site cannot be reached at the moment, and it is not certain that your answers arrived. "
            "What you typed is still here; press the button again: it will arrive only once."
        ),
        "status413": _("This is too large to be sent. Shorten the text, or attach fewer or smaller files."),
        "status429": _("Too many messages are coming from your network. Please try again in a few minutes."),
        "status5": _(
            "Something went wrong on our side. What you typed is still here; "
            "wait a moment and press the button again: it will arrive only once."
        ),
        "refused": _("Your answers could not be taken. What you typed is still here; please try again."),
    }
