"""The form for a form's own messages, in each language of the site."""

from collections.abc import Iterator, Mapping
from typing import Any

from wtforms import Field, StringField
from wtforms.validators import Length

from core.api import LANGUAGES, BaseForm, in_language

from ..definition.messages import MESSAGES

MAX_LENGTH = 300


def _strip(text: str | None) -> str:
    return (text or "").strip()


class MessagesForm(BaseForm):
    """One input per message and language; what is empty keeps the usual words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language in LANGUAGES:
            with in_language(language):
                for code, message in MESSAGES.items():
                    self[_name(language, code)].render_kw = {
                        "placeholder": str(message.text),
                        "lang": language,
                    }

    def groups(self) -> Iterator[tuple[str, list[Field]]]:
        """Yield each language with its inputs."""
        for language in LANGUAGES:
            yield language, [self[_name(language, code)] for code in MESSAGES]

    def texts(self) -> dict[str, dict[str, str]]:
        """Return what was written, as a form holds it."""
        texts = {language: self._written(language) for language in LANGUAGES}
        return {language: written for language, written in texts.items() if written}

    def _written(self, language: str) -> dict[str, str]:
        texts = {code: self[_name(language, code)].data for code in MESSAGES}
        return {code: text for code, text in texts.items() if text}


def _name(language: str, code: str) -> str:
    return f"message_{language}_{code}"


def messages_data(messages: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return stored messages under the names of the inputs."""
    return {_name(lang, code): text for lang, texts in messages.items() for code, text in texts.items()}


for _language in LANGUAGES:
    for _code, _message in MESSAGES.items():
        # WTForms reads its fields from the class.
        _field = StringField(_message.title, filters=[_strip], validators=[Length(max=MAX_LENGTH)])
        setattr(MessagesForm, _name(_language, _code), _field)
