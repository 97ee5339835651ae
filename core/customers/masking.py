"""What is masked for whoever asks: contact points, texts of timelines, and all that an answer says.

Fields carry their mask themselves (`registry`). Addresses and numbers also stand in names, notes,
mails, log-ins and plugins' pages; so whatever the admin answers to somebody who sees e-mail
addresses, telephone numbers or postal codes in part only goes through `mask_answer`, too.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Response, g, has_app_context, request
from sqlalchemy import select

from core import masks
from core.accounts.models import Account, Role, RoleKind
from core.conditions.fields import FieldType
from core.customers.field_rights import Right, mask_of, masked_names, right_of
from core.db import db
from core.errors import NotAllowed
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.sessions import current_account

# By kind of contact point: the fields that it is made of.
FIELDS_OF: Mapping[str, tuple[str, ...]] = {
    "email": ("email",),
    "phone": ("phone",),
    "address": ("postal_code", "address_line", "building"),
}
_IN_TEXTS: Mapping[str, Callable[[str], str]] = {
    "email": masks.mask_emails_in,
    "phone": masks.mask_phones_in,
    "postal_code": masks.mask_postal_codes_in,
}
_PARTS = re.compile(r"(<[^>]*>)")
# Inputs keep what they hold: it comes back when the form is sent.
_KEPT = ("<input", "<option", "<button", "<meta", "<link", "<script")
_SPOKEN = re.compile(r'((?:title|aria-label|alt|href)=")([^"]*)')
_WHOLE = 9
_TEXTS = ("text/html", "application/json", "text/csv", "text/plain")


@contextmanager
def unmasked() -> Iterator[None]:
    """Let a block read values whole, for whoever may and is noted for it."""
    g.reads_plainly = True
    try:
        yield
    finally:
        g.pop("reads_plainly", None)


def _reader() -> Any:
    return None if has_app_context() and g.get("reads_plainly") else current_account()


def masked_values(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a contact point as whoever asks may see them."""
    shown = dict(values)
    for name in FIELDS_OF.get(kind, ()):
        mask = mask_of(_reader(), name, FieldType.TEXT)
        key = name if name in shown else "value"
        if mask is not None and shown.get(key):
            shown[key] = mask(str(shown[key]))
    return shown


def is_masked(kind: str) -> bool:
    """Tell whether whoever asks sees contact points of a kind in part only."""
    names = masked_names(_reader())
    return any(name in names for name in FIELDS_OF.get(kind, ()))


def refuse_masked(kind: str) -> None:
    """Raise NotAllowed where whoever asks may not change, or not use, contact points of a kind."""
    account = current_account()
    if any(right_of(account, name) is not Right.EDIT for name in FIELDS_OF.get(kind, ())):
        raise NotAllowed(_("You see this only in part, or may not change it."))


def mask_answer(response: Response) -> Response:
    """Mask addresses and numbers in an answer of the admin, whichever page or plugin wrote it."""
    account = current_account()
    if account is None or not account.is_staff or not request.path.startswith("/admin"):
        return response
    names = masked_names(account) & _IN_TEXTS.keys()
    if not names or g.get("answers_plainly") or response.mimetype not in _TEXTS:
        return response
    mask = _sparing([_IN_TEXTS[name] for name in sorted(names)])
    if response.is_streamed:
        encoding = response.mimetype_params.get("charset", "utf-8")
        response.response = _masked_pieces(response.response, mask, encoding)
        return response
    text = response.get_data(as_text=True)
    response.set_data(_mask_page(text, mask) if response.mimetype == "text/html" else mask(text))
    return response


def _masked_pieces(pieces: Any, mask: Callable[[str], str], encoding: str) -> Iterator[bytes]:
    for piece in pieces:
        yield mask(piece.decode(encoding, "replace")).encode(encoding, "replace")


def _sparing(steps: list[Callable[[str], str]]) -> Callable[[str], str]:
    """Return the masking of texts that leaves out what was typed just now, staff and the site itself."""
    site = current_snapshot().site
    staff = select(Account.email).join(Role).where(Role.kind != RoleKind.MEMBER)
    spared = {*db.session.scalars(staff), site.mail_from, site.notice_email, site.phone}
    typed = {word for value in request.values.values() for word in value.split()}
    # Parts of an address would let the rest of it through.
    spared |= {word for word in typed if "@" in word[1:-1] or sum(map(str.isdigit, word)) >= _WHOLE}
    found = sorted((word for word in spared if word), key=len, reverse=True)
    whole = "|".join(re.escape(word) for word in found)
    keep = re.compile(rf"(?<![\w.+%@-])(?:{whole})(?![\w@-])") if found else None

    def mask(text: str) -> str:
        if keep is None:
            return _all(text)
        said, end = [], 0
        for match in keep.finditer(text):
            said += [_all(text[end : match.start()]), match[0]]
            end = match.end()
        return "".join([*said, _all(text[end:])])

    def _all(text: str) -> str:
        for step in steps:
            text = step(text)
        return text

    return mask


def _mask_page(page: str, mask: Callable[[str], str]) -> str:
    parts, in_area = [], False
    for part in _PARTS.split(page):
        if not part.startswith("<"):
            parts.append(part if in_area else mask(part))
            continue
        if part.startswith(("<textarea", "</textarea")):
            in_area = part.startswith("<textarea")
        spoken = part.startswith(_KEPT) or ("@" not in part and "title" not in part and "tel:" not in part)
        parts.append(part if spoken else _SPOKEN.sub(lambda found: found[1] + mask(found[2]), part))
    return "".join(parts)
