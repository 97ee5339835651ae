"""Admin form of the words of a form's mails."""

from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms import BooleanField, EmailField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from core.api import BaseForm, _, _l

from ..definition.definitions import FormDefinition
from .language import check
from .stored import MAX_BODY, MAX_SUBJECT, TO_SITE, FormMails, MailWords
from .tags import is_known
from .usual import usual_mails

USUAL, OTHER = "usual", "other"


def _strip(text: str | None) -> str:
    return (text or "").strip()


def _subject() -> StringField:
    limits = [Length(max=MAX_SUBJECT)]
    return StringField(_l("Subject"), filters=[_strip], validators=limits, render_kw={"data-words": ""})


def _body(description: Any) -> TextAreaField:
    return TextAreaField(
        _l("Text"),
        filters=[_strip],
        validators=[Length(max=MAX_BODY)],
        description=description,
        render_kw={"rows": 10, "data-words": ""},
    )


def _answers_go(usual: Any, *others: SelectChoice) -> RadioField:
    choices = [SelectChoice(USUAL, usual), *others, SelectChoice(OTHER, _l("to this address:"))]
    return RadioField(_l("Answers to this mail go"), choices=choices, default=USUAL)


def _address() -> EmailField:
    return EmailField(_l("Address for answers"), filters=[_strip], validators=[Length(max=254)])


def _skips() -> BooleanField:
    return BooleanField(_l("Leave out lines of which every tag is empty"))


class MailWordsForm(BaseForm):
    """The notice and the automatic reply."""

    revision = HiddenField()
    notice_subject = _subject()
    notice_body = _body(_l("Empty: the grey text is sent, with all answers."))
    notice_skips_empty = _skips()
    notice_answers = _answers_go(_l("to the sender"), SelectChoice(TO_SITE, _l("to the site's own address")))
    notice_reply_to = _address()
    reply_subject = _subject()
    reply_body = _body(_l("Empty: the grey text is sent, in the language of the sender."))
    reply_skips_empty = _skips()
    reply_copy = BooleanField(_l("Add a copy of the answers"))
    reply_answers = _answers_go(_l("to the site's own address"))
    reply_reply_to = _address()

    def __init__(self, definition: FormDefinition, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, data=_data(definition), **kwargs)
        self._definition = definition
        usual = usual_mails(definition)
        for part, words in (("notice", usual.notice), ("reply", usual.reply)):
            self._show_usual(f"{part}_subject", words.subject)
            self._show_usual(f"{part}_body", words.body)

    def _show_usual(self, name: str, words: str) -> None:
        # The class's own options are shared by all requests.
        self[name].render_kw = {**self[name].render_kw, "placeholder": words}

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each input, and the tags and conditions line by line."""
        fine = super().validate(extra_validators)
        known = is_known(self._definition)
        for field in (self.notice_subject, self.notice_body, self.reply_subject, self.reply_body):
            problems = [str(problem) for problem in check(field.data or "", known)]
            field.errors = [*field.errors, *problems]
        for part in ("notice", "reply"):
            self._check_address(part)
        return fine and not self.errors

    def _check_address(self, part: str) -> None:
        if self[f"{part}_answers"].data != OTHER:
            return
        field = self[f"{part}_reply_to"]
        try:
            validate_email(field.data or "", check_deliverability=False)
        except EmailNotValidError:
            field.errors = [*field.errors, _("This is not an e-mail address.")]

    def mails(self) -> FormMails:
        """Return the words as they would be saved."""
        return FormMails(self._words("notice"), self._words("reply"))

    def _words(self, part: str) -> MailWords:
        chosen = self[f"{part}_answers"].data
        reply_to = {USUAL: "", OTHER: self[f"{part}_reply_to"].data or ""}.get(chosen or USUAL, TO_SITE)
        return MailWords(
            subject=" ".join((self[f"{part}_subject"].data or "").split()),
            body="\n".join((self[f"{part}_body"].data or "").splitlines()),
            reply_to=reply_to,
            skips_empty=bool(self[f"{part}_skips_empty"].data),
        )


def _data(definition: FormDefinition) -> dict[str, Any]:
    data: dict[str, Any] = {"revision": definition.revision, "reply_copy": definition.auto_reply_copy}
    for part, words in (("notice", definition.mails.notice), ("reply", definition.mails.reply)):
        is_other = words.reply_to not in ("", TO_SITE)
        chosen = OTHER if is_other else TO_SITE if words.reply_to and part == "notice" else USUAL
        data |= {
            f"{part}_subject": words.subject,
            f"{part}_body": words.body,
            f"{part}_skips_empty": words.skips_empty,
            f"{part}_answers": chosen,
            f"{part}_reply_to": words.reply_to if is_other else "",
        }
    return data
