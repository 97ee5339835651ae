"""Template tags for themes and page text. Files that strangers must not learn of are not drawn for them."""

from collections.abc import Sequence

from markupsafe import Markup

from core.api import (
    Argument,
    TagContext,
    TemplateTag,
    _l,
    current_account,
    render_site_fragment,
    visible_in_lists,
)

from .files.queries import find_published, list_visible
from .view_objects import file_view

NOTHING = Markup("")


def file_link(context: TagContext, *, file: str, text: str) -> Markup:
    """Draw a link to one file."""
    found = find_published(file)
    if found is None or not visible_in_lists(found.ref, current_account()):
        return NOTHING
    return render_site_fragment("library/_link.html", file=file_view(found), text=text)


def file_list(context: TagContext, *, folder: str) -> Markup:
    """Draw the files of a folder, or of all."""
    files = [file_view(file) for file in list_visible(folder)]
    return render_site_fragment("library/_list.html", files=files) if files else NOTHING


def template_tags() -> Sequence[TemplateTag]:
    """Return the tags with examples, each of which a test renders."""
    return [
        TemplateTag(
            name="file_link",
            render=file_link,
            description=_l("A link to a file of the library. Whoever may not have it is told what opens it."),
            example='[file_link file="shop-guide"]',
            arguments=(
                Argument("file", required=True, description=_l("The file's address in the library.")),
                Argument("text", default="", description=_l("What the link says; empty for the title.")),
            ),
        ),
        TemplateTag(
            name="file_list",
            render=file_list,
            description=_l("A list of the files in a folder of the library, by title."),
            example='[file_list folder="会報"]',
            arguments=(Argument("folder", default="", description=_l("Which folder; empty for all files.")),),
        ),
    ]
