"""Short words for a browser, e.g. "Chrome on Windows": enough to recognise one's own devices."""

import re

from core.i18n import _

# The first that fits counts: most browsers also claim to be others.
_BROWSERS = (
    (r"Line/", "LINE"),
    (r"Edg(?:e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/|Chromium/", "Chrome"),
    (r"Safari/", "Safari"),
)
_SYSTEMS = (
    (r"iPhone|iPod", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"CrOS", "ChromeOS"),
    (r"Windows", "Windows"),
    (r"Macintosh|Mac OS X", "Mac"),
    (r"Linux|X11", "Linux"),
)
_LONGEST = 1000


def device_of(user_agent: str) -> str:
    """Return what is kept of a browser's name: `Chrome/Windows`; unknown parts are empty."""
    text = user_agent[:_LONGEST]
    return f"{_first(_BROWSERS, text)}/{_first(_SYSTEMS, text)}"


def _first(patterns: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for pattern, name in patterns if re.search(pattern, text)), "")


def device_words(device: str) -> str:
    """Return the kept name of a device in the reader's language."""
    browser, _slash, system = device.partition("/")
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or _("Unknown browser")
