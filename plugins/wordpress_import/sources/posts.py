"""Turns posts of WordPress into rows: Flamingo's address book and messages, Contact Form 7's forms."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..kinds import Kind
from ..php import Value, as_dict, as_texts, plain
from ..texts import as_text, clean, local_moment, utc_moment

POST_TYPES = {
    "flamingo_contact": Kind.CONTACT,
    "wpcf7_contact_form": Kind.FORM,
    "flamingo_inbound": Kind.MESSAGE,
}
TYPE_OF = {kind: name for name, kind in POST_TYPES.items()}
CHANNEL, CONTACT_TAG = "flamingo_inbound_channel", "flamingo_contact_tag"
_NOT_IN_KEY = re.compile(r"[^a-z0-9_\-]")
_MOST_FIELDS = 300


@dataclass(slots=True)
class Post:
    """A post as both sources tell it; `terms` are taxonomy, slug and name."""

    id: int = 0
    type: str = ""
    title: str = ""
    slug: str = ""
    status: str = ""
    date: str = ""
    date_gmt: str = ""
    metas: dict[str, str] = field(default_factory=dict)
    terms: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def moment(self) -> str:
        """When it was made."""
        return as_text(utc_moment(self.date_gmt) or local_moment(self.date))

    def term(self, taxonomy: str) -> tuple[str, str]:
        """Return slug and name of its first term, empty without one."""
        return next(((slug, name) for one, slug, name in self.terms if one == taxonomy), ("", ""))


def values_of(post: Post) -> Mapping[str, Any]:
    """Return the row that a post is."""
    return _READERS[POST_TYPES[post.type]](post)


def _contact(post: Post) -> dict[str, Any]:
    props = as_dict(post.metas.get("_props", ""))
    return {
        "email": clean(post.metas.get("_email") or post.title, 320),
        "name": clean(post.metas.get("_name"), 200),
        "first_name": _one(props.pop("first_name", None)),
        "last_name": _one(props.pop("last_name", None)),
        "more": [[key[:100], ", ".join(as_texts(value))[:2_000]] for key, value in props.items() if value],
        "tags": [name for one, _slug, name in post.terms if one == CONTACT_TAG],
        "last_contacted": as_text(local_moment(post.metas.get("_last_contacted"))),
        "date": post.moment,
        "is_trash": post.status == "trash",
    }


def _one(value: Value) -> str:
    return clean(" ".join(as_texts(value)), 100)


def _form(post: Post) -> dict[str, Any]:
    parts = ("_form", "_mail", "_mail_2", "_messages", "_additional_settings", "_locale")
    return {
        "title": clean(post.title, 200),
        "slug": clean(post.slug, 80),
        "meta": {name: clean(post.metas.get(name)) for name in parts if post.metas.get(name)},
        "is_trash": post.status == "trash",
    }


def _message(post: Post) -> dict[str, Any]:
    metas = post.metas
    slug, channel = post.term(CHANNEL)
    meta, consent = as_dict(metas.get("_meta", "")), as_dict(metas.get("_consent", ""))
    return {
        "channel": clean(slug, 80),
        "channel_title": clean(channel or slug, 200),
        "folder": _folder(post),
        "subject": clean(metas.get("_subject") or post.title, 500),
        "from_name": clean(metas.get("_from_name"), 200),
        "from_email": clean(metas.get("_from_email"), 320),
        "fields": _fields(metas),
        "consent": {key: " ".join(as_texts(value)) for key, value in consent.items()},
        "page": _one_of(meta, "url"),
        "browser": _one_of(meta, "user_agent"),
        "date": post.moment,
    }


def _folder(post: Post) -> str:
    if post.status == "trash":
        return "trash"
    is_spam = post.status == "flamingo-spam" or bool(as_dict(post.metas.get("_akismet", "")).get("spam"))
    return "spam" if is_spam else "inbox"


def _one_of(meta: Mapping[str, Value], name: str) -> str:
    return clean(" ".join(as_texts(meta.get(name))), 500)


def _fields(metas: Mapping[str, str]) -> list[list[Any]]:
    """Return what was answered, in order: Flamingo keeps the names apart from the answers."""
    named = as_dict(metas.get("_fields", ""))
    names = list(named) or [key.removeprefix("_field_") for key in metas if key.startswith("_field_")]
    found = []
    for name in names[:_MOST_FIELDS]:
        kept = metas.get(_NOT_IN_KEY.sub("", f"_field_{name}".lower()))
        value = named.get(name) if kept is None else plain(kept)
        answer: Any = as_texts(value) if isinstance(value, dict) else clean(" ".join(as_texts(value)), 50_000)
        found.append([clean(name, 80), answer])
    return found


_READERS: Mapping[Kind, Callable[[Post], Mapping[str, Any]]] = {
    Kind.CONTACT: _contact,
    Kind.FORM: _form,
    Kind.MESSAGE: _message,
}
