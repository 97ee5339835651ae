"""A visitor for the measurements: keeps cookies, logs in, and reads forms as a browser would."""

import re
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser
from http.cookiejar import CookieJar


class Browser:
    """Opens pages of one server."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._cookies = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))

    def get(self, path: str) -> str:
        return self._open(urllib.request.Request(self.url + path))

    def post(self, path: str, values: list[tuple[str, str]]) -> str:
        data = urllib.parse.urlencode(values).encode()
        return self._open(urllib.request.Request(self.url + path, data=data, headers={"Origin": self.url}))

    def log_in(self, email: str, password: str) -> None:
        values = {**read_form(self.get("/login"), "/login"), "email": email, "password": password}
        self.post("/login", list(values.items()))
        if email not in self.get("/account") + self.get("/admin/me"):
            raise RuntimeError(f"{email} could not log in")

    @property
    def headers(self) -> dict[str, str]:
        """The headers with which another client is this visitor."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._cookies)
        return {"Cookie": cookies, "Origin": self.url} if cookies else {}

    def _open(self, request: urllib.request.Request) -> str:
        try:
            with self._opener.open(request, timeout=120) as answer:
                return answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.read().decode("utf-8", "replace")


class _Form(HTMLParser):
    def __init__(self, action: str) -> None:
        super().__init__()
        self._action = action
        self._inside = False
        self.values: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            path = urllib.parse.urlsplit(found.get("action") or "").path
            self._inside = path == self._action
        elif self._inside and tag == "input" and found.get("type") == "hidden":
            self.values[found.get("name") or ""] = found.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def read_form(html: str, action: str) -> dict[str, str]:
    """Return the hidden values of the form that is sent to `action`."""
    parser = _Form(action)
    parser.feed(html)
    if not parser.values:
        title = re.search(r"<title>([^<]*)", html)
        raise RuntimeError(f"no form for {action} on the page “{title[1] if title else html[:200]}”")
    return parser.values
