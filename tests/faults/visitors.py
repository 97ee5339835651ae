"""Plain HTTP visitors that send the contact form, again and again until somebody acknowledges it."""

import html
import http.client
import http.cookiejar
import json
import re
import secrets
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from core.testing.factories import PASSWORD

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
LOST = (OSError, urllib.error.URLError, http.client.HTTPException, json.JSONDecodeError)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_values: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    text: str

    @property
    def receipt(self) -> str | None:
        """Return the receipt of an acknowledged submission."""
        if self.status != 200 or not self.text.startswith("{"):
            return None
        found: str | None = json.loads(self.text).get("receipt")
        return found


class Visitor:
    """One browser's cookies, without a browser."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._jar), _NoRedirects
        )

    def cookies(self) -> str:
        """Return the cookies as a browser sends them."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar)

    def get(self, path: str) -> Answer:
        """Fetch a page."""
        return self._send(urllib.request.Request(self.url + path))

    def post(self, path: str, fields: dict[str, str], accept: str = "text/html") -> Answer:
        """Send a form with the token of the last page that held one."""
        body = urllib.parse.urlencode(fields).encode()
        return self._send(urllib.request.Request(self.url + path, body, {"Accept": accept}))

    def _send(self, request: urllib.request.Request) -> Answer:
        try:
            with self._opener.open(request, timeout=15) as answer:
                return Answer(answer.status, answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read().decode())

    def fields_of(self, path: str) -> dict[str, str]:
        """Open a page and return the hidden fields of its forms."""
        return {name: html.unescape(value) for name, value in HIDDEN.findall(self.get(path).text)}

    def log_in(self, email: str) -> None:
        """Log in."""
        token = self.fields_of("/login")["csrf_token"]
        answer = self.post("/login", {"csrf_token": token, "email": email, "password": PASSWORD})
        assert answer.status == 302, answer

    def fill_in(self) -> dict[str, str]:
        """Open the contact form and return what it sends, with a message that nobody else sends."""
        answers = {"name": "検証", "email": "load@example.jp", "consent": "1"}
        told = json.loads(self.get("/forms/contact/token").text)
        late = {"form_once": told["once"], "form_started": told["started"]}
        own = {**self.fields_of("/contact"), **late}
        return {**own, **answers, "message": secrets.token_hex(8), "language": ""}

    def send(self, fields: dict[str, str]) -> Answer:
        """Send the filled form."""
        return self.post("/forms/contact", fields, accept="application/json")


class Sender:
    """Somebody who sends message after message on one connection, from one opened form."""

    def __init__(self, url: str) -> None:
        visitor = Visitor(url)
        self._filled = visitor.fill_in()
        self._headers = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": visitor.cookies(),
        }
        self._connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=15)

    def new_message(self) -> dict[str, str]:
        """Return what one more message sends, under a key of its own."""
        return {**self._filled, "message": secrets.token_hex(8), "form_once": secrets.token_urlsafe(18)}

    def send(self, filled: dict[str, str]) -> str | None:
        """Deliver once; return the receipt, None when nothing was acknowledged."""
        try:
            body = urllib.parse.urlencode(filled)
            self._connection.request("POST", "/forms/contact", body, self._headers)
            answer = self._connection.getresponse()
            return Answer(answer.status, answer.read().decode()).receipt
        except LOST:
            self.close()
            return None

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@dataclass
class Crowd:
    """People who send all the time; each repeats a delivery until it is acknowledged."""

    url: str
    size: int = 4
    # Seconds that each rests after a message.
    pause: float = 0.0
    # What was acknowledged: message to receipt.
    acknowledged: dict[str, str] = field(default_factory=dict)
    # What was sent without an answer, at least once.
    repeated: set[str] = field(default_factory=set)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Crowd":
        self._threads = [threading.Thread(target=self._send_on, daemon=True) for _ in range(self.size)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: Any) -> None:
        self.finish()

    def finish(self) -> None:
        """Stop once everybody's last delivery is acknowledged."""
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _send_on(self) -> None:
        sender = self._open()
        while sender is not None and not self._stop.is_set():
            filled = sender.new_message()
            for _try in range(600):
                receipt = sender.send(filled)
                if receipt is not None:
                    self.acknowledged[filled["message"]] = receipt
                    break
                self.repeated.add(filled["message"])
                time.sleep(0.1)
            if len(self.acknowledged) % 10 == 0:
                # A second click on what is done already.
                sender.send(filled)
            self._stop.wait(self.pause)
        if sender is not None:
            sender.close()

    def _open(self) -> Sender | None:
        while not self._stop.is_set():
            try:
                return Sender(self.url)
            except LOST:
                self._stop.wait(0.1)
        return None
