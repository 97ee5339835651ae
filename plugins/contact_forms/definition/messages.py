"""What visitors are told, under the names of Contact Form 7; editable per form and language.

Of Contact Form 7's messages Kaiin has no `mail_sent_ng` (a message is kept before any mail goes
out) and no `captcha_not_match`; `upload_failed` stands for its `upload_failed_php_error`, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.api import _, _l, current_language

from .definitions import FormDefinition
from .schema import Problem, schema_of

LIMIT = "{limit}"


@dataclass(frozen=True, slots=True)
class Message:
    """A message: when it is shown, its usual words, and which other one stands in for it."""

    title: Any
    text: Any
    instead: str = ""


MESSAGES: dict[str, Message] = {
    "mail_sent_ok": Message(
        _l("The message was kept"), _l("Your message has arrived. We will get back to you.")
    ),
    "validation_error": Message(_l("Something is wrong"), _l("Some answers need another look.")),
    "spam": Message(
        _l("Too many messages"),
        _l("Too many messages are coming from your network. Please try again in a few minutes."),
    ),
    "accept_terms": Message(_l("Consent is missing"), _l("To send this form, please agree.")),
    "invalid_required": Message(_l("A required answer is missing"), _l("Fill this in.")),
    "required_choice": Message(_l("Nothing was chosen"), _l("Choose one."), "invalid_required"),
    "required_choices": Message(_l("Nothing was ticked"), _l("Choose at least one."), "invalid_required"),
    "required_date": Message(_l("A date is missing"), _l("Choose a date."), "invalid_required"),
    "invalid_too_long": Message(
        _l("Too many characters"), _l("This is too long. Write at most {limit} characters.")
    ),
    "invalid_too_short": Message(
        _l("Too few characters"), _l("This is too short. Write at least {limit} characters.")
    ),
    "invalid_email": Message(
        _l("Not an e-mail address"), _l("Write an e-mail address like name@example.jp.")
    ),
    "invalid_url": Message(_l("Not a web address"), _l("Write an address like https://example.jp.")),
    "invalid_tel": Message(_l("Not a phone number"), _l("Write a phone number like 03-1234-5678.")),
    "invalid_kana": Message(_l("Not kana"), _l("Write this in kana, for example ヤマダ タロウ.")),
    "invalid_postal": Message(_l("Not a postal code"), _l("Write a postal code like 100-0001.")),
    "invalid_number": Message(_l("Not a number"), _l("Write a number, for example 12.")),
    "number_too_small": Message(_l("Number too small"), _l("Write {limit} or more.")),
    "number_too_large": Message(_l("Number too large"), _l("Write {limit} or less.")),
    "number_off_step": Message(
        _l("Number between the steps"), _l("This number is not one of the steps."), "invalid_number"
    ),
    "invalid_date": Message(
        _l("Not a date"), _l("Write a date that exists, as year, month and day: 2026-11-21.")
    ),
    "date_too_early": Message(_l("Date too early"), _l("Choose {limit} or later.")),
    "date_too_late": Message(_l("Date too late"), _l("Choose {limit} or earlier.")),
    "invalid_choice": Message(_l("Not one of the choices"), _l("Choose from the list.")),
    "too_few_choices": Message(_l("Too few ticked"), _l("Choose at least {limit}.")),
    "too_many_choices": Message(_l("Too many ticked"), _l("Choose at most {limit}.")),
    "quiz_answer_not_correct": Message(
        _l("Quiz answered wrongly"), _l("This answer is not right. Please try again.")
    ),
    "required_file": Message(_l("A file is missing"), _l("Choose a file."), "invalid_required"),
    "too_many_files": Message(_l("Too many files"), _l("Choose at most {limit} files.")),
    "upload_file_type_invalid": Message(
        _l("A file of another type"), _l("Files like this are not taken. Choose one of these: {limit}")
    ),
    "upload_file_content_invalid": Message(
        _l("A file that is not what its name says"),
        _l("What is in this file does not fit its name, or could do harm. Choose another one."),
        "upload_file_type_invalid",
    ),
    "upload_file_too_large": Message(_l("File too large"), _l("A file may have at most {limit}.")),
    "upload_files_too_large": Message(
        _l("Files too large together"),
        _l("Together the files may have at most {limit}."),
        "upload_file_too_large",
    ),
    "upload_file_empty": Message(
        _l("A file with nothing in it"), _l("This file is empty. Choose another one."), "upload_failed"
    ),
    "upload_file_gone": Message(
        _l("A file that was sent too long ago"),
        _l("This file is no longer here. Please choose it again."),
        "upload_failed",
    ),
    "upload_failed": Message(
        _l("A file could not be kept"),
        _l("The file could not be kept. Please try again later, or send the form without it."),
    ),
    "sent_twice": Message(_l("Answered twice"), _l("This was sent more than once. Answer it once.")),
    "unreadable": Message(
        _l("Unreadable characters"),
        _l("This holds characters that cannot be read. Remove them and try again."),
    ),
    "form_closed": Message(_l("The form is closed"), _l("This form does not take answers at present.")),
    "form_not_open_yet": Message(
        _l("The form opens later"), _l("This form takes answers from {limit}."), "form_closed"
    ),
    "form_over": Message(
        _l("The form's time is over"), _l("This form no longer takes answers."), "form_closed"
    ),
    "form_full": Message(
        _l("The entry limit is reached"), _l("All places are taken. Thank you for your interest.")
    ),
}


def message_text(definition: FormDefinition, code: str, limit: str = "") -> str:
    """Return a message of a form in the current language."""
    own: Mapping[str, str] = definition.messages.get(current_language(), {})
    message = MESSAGES[code]
    text = own.get(code) or own.get(message.instead) or str(message.text)
    return text.replace(LIMIT, limit)


def problem_text(definition: FormDefinition, problem: Problem) -> str:
    """Return what to tell of a problem."""
    return message_text(definition, problem.code, problem.limit)


def thanks_text(definition: FormDefinition) -> str:
    """Return what to say to whoever just sent the form."""
    own = definition.messages.get(current_language(), {}).get("mail_sent_ok")
    return own or definition.thanks_message or _("Your message has arrived. We will get back to you.")


def rule_texts(definition: FormDefinition) -> dict[str, str]:
    """Return the messages of the form's rules, with the limits to be filled in."""
    return {code: message_text(definition, code, LIMIT) for code in schema_of(definition).codes()}
