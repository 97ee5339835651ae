"""The way through a form that is confirmed: the answers, the check, the end."""

from core.api import _, view_object

from ..definition.definitions import FormDefinition

ANSWERS, CHECK, DONE = range(3)


@view_object
class StageView:
    """One stage: `state` is done, current or ahead."""

    title: str
    state: str


def stages(definition: FormDefinition, at: int) -> tuple[StageView, ...]:
    """Return the way as it looks from one of its stages; nothing for a form without confirmation."""
    if not definition.confirm:
        return ()
    titles = (_("Your answers"), _("Check"), _("Done"))
    return tuple(StageView(title=title, state=_state(n, at)) for n, title in enumerate(titles))


def _state(n: int, at: int) -> str:
    if n == at:
        return "current"
    return "done" if n < at else "ahead"
