"""Who may see and send a form: everyone, members, or those whom a named rule lets in.

The gate of pages decides, with the form as the content. A form that is not for the viewer is as if
it did not exist: it is not drawn, and what is sent to it is refused.
"""

from core.api import ContentRef, Visibility, current_account, keep_private, open_content

from ..definition.definitions import FormDefinition

FORM = "form"
MEMBERS = "members"
RULE = "rule:"


def is_for_viewer(definition: FormDefinition) -> bool:
    """Tell whether whoever asks may see and send the form. What depends on them is kept for nobody else."""
    readers = definition.handling.readers
    if not readers:
        return True
    keep_private()
    return open_content(content_of(definition), current_account()).granted


def content_of(definition: FormDefinition) -> ContentRef:
    """Return the form as the gate decides on it."""
    readers = definition.handling.readers
    visibility = Visibility.MEMBERS if readers == MEMBERS else Visibility.RESTRICTED
    name = readers.removeprefix(RULE) if readers.startswith(RULE) else ""
    return ContentRef(FORM, definition.id, definition.slug, definition.title, visibility, rule_name=name)
