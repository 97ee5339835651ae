"""The boxes under the texts that members agree to."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField
from wtforms.validators import InputRequired

from core.accounts.registration.consent_texts import ConsentText
from core.accounts.registration.consents import Answer
from core.accounts.steps import StepText
from core.admin.forms import BaseForm
from core.formats import format_date
from core.i18n import _


class ConsentForm(BaseForm):
    """One box for each text; what is required must be ticked."""

    texts: Sequence[ConsentText] = ()

    @property
    def answers(self) -> list[Answer]:
        """Return what was ticked, and what was not."""
        return [Answer(t.kind.value, t.version, bool(self[t.field_name].data)) for t in self.texts]


def consent_form(texts: Sequence[ConsentText], typed: Any = None) -> ConsentForm:
    """Return the form over these texts, empty or with what was ticked."""
    boxes = {text.field_name: _box(text) for text in texts}
    form_class = type("ConsentForm", (ConsentForm,), {**boxes, "texts": tuple(texts)})
    form: ConsentForm = form_class(typed)
    return form


def _box(text: ConsentText) -> BooleanField:
    message = _("Please read this and tick the box to go on.")
    if text.is_required:
        return BooleanField(text.label, [InputRequired(message)])
    return BooleanField(text.label, description=_("You may leave this empty, and change it at any time."))


def step_texts(texts: Sequence[ConsentText]) -> tuple[StepText, ...]:
    """Return the texts as a step shows them."""
    return tuple(
        StepText(title=text.title, text=text.text, field_name=text.field_name, note=_note(text))
        for text in texts
    )


def _note(text: ConsentText) -> str:
    if text.since is None:
        return ""
    return _("Version %(n)s of %(day)s", n=text.version, day=format_date(text.since))
