"""Addresses that Japanese mobile carriers gave out against the rules of mail."""

import re

# Until 2009 carriers allowed dots in a row, and one at the end or the start, before the @.
_DOMAINS = "|".join(
    re.escape(domain)
    for domain in (
        *("docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp", "disney.ne.jp"),
        *(f"{area}.vodafone.ne.jp" for area in "tdhckrnsq"),
        *("pdx.ne.jp", "willcom.com", "ymobile.ne.jp", "emnet.ne.jp"),
    )
)
_OLD = re.compile(rf"[a-z0-9._+/?\-]{{1,64}}@(?:[a-z0-9-]{{1,20}}\.)?(?:{_DOMAINS})", re.IGNORECASE)


def is_old_carrier_address(address: str | None) -> bool:
    """Tell whether an address is one that only a mobile carrier would give: `a..b@docomo.ne.jp`.

    Its owner gets mail there, but mail servers and programs may refuse it.
    """
    if not address or not _OLD.fullmatch(address):
        return False
    local = address.rpartition("@")[0]
    return local.startswith(".") or local.endswith(".") or ".." in local
