"""The template tag that puts a form into a page or a theme."""

from markupsafe import Markup

from core.api import Argument, TagContext, TemplateTag, _l, render_site_fragment

from .audience.readers import is_for_viewer
from .definition.definitions import FormState, find_definition
from .sending.presenting import present_form


def render_contact_form(_context: TagContext, slug: str) -> Markup:
    """Draw the form with the slug; nothing where there is none for the viewer, or it was archived."""
    definition = find_definition(slug)
    if definition is None or definition.state == FormState.ARCHIVED or not is_for_viewer(definition):
        return Markup("")
    return render_site_fragment("contact_forms/form.html", contact_form=present_form(definition))


CONTACT_FORM = TemplateTag(
    name="contact_form",
    render=render_contact_form,
    description=_l("A form that visitors fill in; the answers arrive in the inbox."),
    example='[contact_form slug="contact"]',
    arguments=(Argument("slug", required=True, description=_l("The name of the form in its address")),),
    # What is one visitor's comes late, by the form's script.
    varies=False,
)
