"""How personal data look to those who may not see them: a***@example.jp, 090-****-1234, 100-****."""

import re

REST = "***"
_EMAIL = re.compile(r"[\w.+%'-]{1,80}[@＠][\w-]{1,80}(?:[.．][\w-]{1,80})+")
_PHONE = re.compile(r"(?<!\d)(?:[+＋]\d{1,3}|[0０])[\d‐‑‒–—―−－ー()（） \u3000-]{7,20}\d")
_POSTAL = re.compile(r"(?<![\d-])\d{3}[-‐－]\d{4}(?![\d-])")
_SHOWN_END = 4
_HIDDEN_MIDDLE = 4
_LEAST_DIGITS = 9


def mask_name(text: str) -> str:
    """Return a name's first sign."""
    return f"{text[:1]}**" if text else ""


def mask_email(text: str) -> str:
    """Return an address's first sign and its domain."""
    local, at, domain = text.replace("＠", "@").partition("@")
    return f"{local[:1]}{REST}@{domain}" if at else mask_rest(text)


def mask_digits(text: str) -> str:
    """Return a telephone number without the digits in its middle; a short one keeps its last two."""
    places = [place for place, sign in enumerate(text) if sign.isdigit()]
    if len(places) < _SHOWN_END + _HIDDEN_MIDDLE:
        hidden = set(places[:-2])
    else:
        hidden = set(places[-_SHOWN_END - _HIDDEN_MIDDLE : -_SHOWN_END])
    return "".join("*" if place in hidden else sign for place, sign in enumerate(text))


def mask_postal(text: str) -> str:
    """Return a postal code's first three digits."""
    digits = [sign for sign in text if sign.isdigit()]
    return "".join(digits[:3]) + "-****" if len(digits) > 3 else REST if text else ""


def mask_rest(text: str) -> str:
    """Return next to nothing of what is known to be personal, e.g. an address or a birthday."""
    return REST if text else ""


def mask_emails_in(text: str) -> str:
    """Return a free text with its e-mail addresses masked."""
    return _EMAIL.sub(lambda found: mask_email(found[0]), text)


def mask_phones_in(text: str) -> str:
    """Return a free text with its telephone numbers masked."""
    return _PHONE.sub(lambda found: _mask_number(found[0]), text)


def mask_postal_codes_in(text: str) -> str:
    """Return a free text with its postal codes masked, as far as they have their hyphen."""
    return _POSTAL.sub(lambda found: mask_postal(found[0]), text)


def mask_text(text: str, name: str = "") -> str:
    """Return a free text with addresses, telephone numbers and the sender's name masked."""
    text = mask_phones_in(mask_emails_in(text))
    for part in sorted({name, *name.split()}, key=len, reverse=True):
        # A single sign stands in too many other words.
        if len(part) > 1:
            text = text.replace(part, mask_name(part))
    return text


def _mask_number(text: str) -> str:
    return mask_digits(text) if sum(sign.isdigit() for sign in text) >= _LEAST_DIGITS else text
