"""A request's router is what Flask would have made, though its host is looked at once."""

import pytest
from flask import Flask, Request
from werkzeug.exceptions import SecurityError
from werkzeug.test import EnvironBuilder

REQUESTS = [
    {"path": "/"},
    {"path": "/a/b", "query_string": "x=1&y=%E7%95%AA"},
    {"path": "/名前/x y"},
    {"path": "//evil.example/x"},
    {"path": "/x", "method": "POST"},
    {"path": "/x", "base_url": "http://LOCALHOST:8000/"},
    {"path": "/x", "base_url": "https://localhost:443/"},
    {"path": "/x", "base_url": "http://localhost:80/"},
    {"path": "/x", "base_url": "http://localhost/sub/"},
]


def adapter(kind: type[Flask], app: Flask, options: dict[str, str]) -> dict[str, object]:
    request = Request(EnvironBuilder(**options).get_environ())
    return {**vars(kind.create_url_adapter(app, request)), "host": request.host}


@pytest.mark.parametrize("options", REQUESTS, ids=str)
def test_the_router_of_a_request_is_the_one_that_flask_makes(app, options) -> None:
    assert adapter(type(app), app, options) == adapter(Flask, app, options)


@pytest.mark.parametrize("kind", ["ours", "flask"])
def test_a_host_that_is_not_trusted_is_refused(app, monkeypatch, kind) -> None:
    monkeypatch.setitem(app.config, "TRUSTED_HOSTS", ["shop.example"])
    with pytest.raises(SecurityError):
        adapter(
            type(app) if kind == "ours" else Flask, app, {"path": "/", "base_url": "http://other.example/"}
        )
