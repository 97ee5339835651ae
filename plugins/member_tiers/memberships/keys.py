"""The keys by which rules and tags name tiers."""

import re
import unicodedata
from itertools import count

from sqlalchemy import select

from core.api import db

from .models import Tier

KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")
# Leaves room for the number that tells it from others.
_LONGEST = 34
_OTHER = re.compile(r"[^a-z0-9]+")


def free_key(name: str) -> str:
    """Return a key that no tier has yet: `gold`, or `gold-2`; `tier-2` and so on for a Japanese name."""
    with db.session.no_autoflush:
        taken = set(db.session.scalars(select(Tier.key)))
    base = _plain(name)
    if base and base not in taken:
        return base
    numbered = (f"{base or 'tier'}-{number}" for number in count(2 if base else len(taken) + 1))
    return next(key for key in numbered if key not in taken)


def _plain(name: str) -> str:
    """Return a name in small letters without accents; empty where too little of it would be left."""
    letters = unicodedata.normalize("NFKD", name).lower()
    if any(unicodedata.category(sign) == "Lo" for sign in letters):
        return ""
    plain = "".join(sign for sign in letters if not unicodedata.combining(sign))
    found = _OTHER.sub("-", plain).strip("-")[:_LONGEST].strip("-")
    return found if KEY.fullmatch(found) else ""
