"""The forms of the admin: uploading, and editing one file."""

from typing import Any

from wtforms import (
    BooleanField,
    FileField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional

from core.api import MAX_SLUG, AccessForm, BaseForm, Visibility, _, _l

from .files.services import MAX_CAP, MAX_FOLDER, MAX_SUMMARY

VISIBILITIES = (
    SelectChoice(Visibility.PUBLIC, _l("Everyone")),
    SelectChoice(Visibility.MEMBERS, _l("All members")),
    SelectChoice(Visibility.RESTRICTED, _l("Certain members")),
)


def _folder() -> Any:
    return StringField(
        _l("Folder"),
        description=_l("A name such as “Newsletters”. The tag file_list shows a folder."),
        render_kw={"maxlength": MAX_FOLDER, "list": "folders", "autocomplete": "off"},
    )


class UploadForm(BaseForm):
    """New files, one or several."""

    files = MultipleFileField(_l("Files"), render_kw={"multiple": True})
    folder = _folder()
    visibility = RadioField(
        _l("Who may have them"),
        choices=VISIBILITIES,
        default=Visibility.MEMBERS,
        description=_l("For certain members, choose the rule of each file afterwards."),
    )
    is_published = BooleanField(
        _l("Publish at once"), description=_l("Otherwise only you see them until you publish each.")
    )


class FileForm(AccessForm):
    """A file: what it is called, who may have it, and how often."""

    title = StringField(_l("Title"), [InputRequired()], render_kw={"maxlength": 200})
    slug = StringField(
        _l("Address in the library"),
        description=_l("Pages name the file by it. Empty: made from the title."),
        render_kw={"maxlength": MAX_SLUG, "spellcheck": "false", "autocapitalize": "none"},
    )
    summary = TextAreaField(
        _l("Description"),
        description=_l("Whoever may learn of the file may read this, also without having it."),
        render_kw={"rows": 3, "maxlength": MAX_SUMMARY},
    )
    folder = _folder()
    is_published = BooleanField(_l("Published"))
    is_stamped = BooleanField(
        _l("Stamp the member's number and the day on each page"),
        description=_l("For PDFs. Each member gets a copy of their own, so that a copy tells whose it was."),
    )
    daily_cap = IntegerField(
        _l("Downloads per member and day"),
        [Optional(), NumberRange(1, MAX_CAP)],
        description=_l("Empty: any number."),
        render_kw={"inputmode": "numeric", "min": 1},
    )
    total_cap = IntegerField(
        _l("Downloads per member in all"),
        [Optional(), NumberRange(1, MAX_CAP)],
        description=_l("Empty: any number."),
        render_kw={"inputmode": "numeric", "min": 1},
    )
    replacement = FileField(
        _l("Replace the file"), description=_l("The address and the rules stay; everybody gets the new one.")
    )
    version = HiddenField()

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.visibility.label.text = _("Who may have the file")
