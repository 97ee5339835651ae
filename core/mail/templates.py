"""Mail templates that core and plugins register."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class MailTemplate:
    """A kind of mail: the templates `<template>.subject.txt`, `.txt` and `.html`.

    They are rendered in the recipient's language with plain values only. `fields` names the
    values, for the owner who edits the wording. The text of one that `holds_secret` (a link or
    code that opens something) is shown to nobody and forgotten once it is sent.
    """

    name: str
    title: Any
    template: str
    fields: tuple[str, ...] = ()
    holds_secret: bool = False
