"""Whatever is sent to whichever address, the answer is never a server error and nothing is stored."""

import json
import logging
import re
import shutil
from itertools import product
from urllib.parse import quote, unquote

import pytest
from sqlalchemy import func, select
from werkzeug.exceptions import HTTPException, NotFound

from core.customers.models import Customer
from core.db import db
from core.plugin_host.queries import list_plugins
from core.security.access import RuleKind, access_rule_of
from core.testing.fixtures import SAMPLE_PLUGINS, Client, make_app, opened
from plugins.contact_forms.models import Submission
from tests.journeys.asked_for import NotingRequest, names_asked_by
from tests.shop_kit import OWNER, open_shop
from tests.thorough import share

LONG = "9" * 5000
DEEP = '{"all":[' * 300 + "]}" * 300
NASTY = {
    "digits": LONG,
    "nul": "a\0b",
    "surrogate": "a\ud800b",
    "negative": "-1",
    "beyond-64-bit": str(2**63),
    "beyond-32-bit": str(2**31),
    "superscript": "²",
    "arabic-digit": "٣",
    "float": "1e999",
    "nan": "NaN",
    "kanji": "漢" * 5000,
    "quote": "' OR 1=1 --",
    "template": "{{7*7}}${7*7}<script>",
    "deep-json": DEEP,
    "wrong-json": '{"field":"points","op":"gte","value":' + LONG + "}",
    "odd-json": '{"field":"name","op":"eq","value":{"$ne":null}}',
    "lines": "a\r\nSet-Cookie: x=1",
    "bidi": "\u202e\u2066x",
}
FORM = "application/x-www-form-urlencoded"
# As they stand in an address.
IN_ADDRESSES = (
    *("0", LONG, str(2**63), str(2**31), "-1", ".."),
    *("%C2%B2", "%D9%A3", "x%00y", "%E6%BC%A2", "%ed%a0%80"),
)
WORST = ("digits", "superscript", "beyond-64-bit", "deep-json", "wrong-json")

BY_NAME = {
    "kind": "page",
    "slug": "contact",
    "plugin": "member_tiers",
    "theme": "default",
    "file": "theme.css",
    "name": "member_tiers",
    "state": "open",
    "menu": "header",
    "verb": "read",
}
DESTRUCTIVE = ("delete", "erase", "remove", "merge", "uninstall", "disable", "discard", "cancel", "end_")


def as_query(names, value):
    text = quote(value.encode("utf-8", "surrogatepass"), safe="")
    return "&".join(f"{quote(name)}={text}" for name in names)


@pytest.fixture
def site(app, shop, monkeypatch):
    """The shop, noting which parameters its views read."""
    monkeypatch.setattr(app, "request_class", NotingRequest)
    return app


@pytest.fixture
def quiet(site, caplog):
    """Nothing was logged as an error, and no plugin was caught failing."""
    with caplog.at_level(logging.ERROR):
        yield
    assert [(r.name, r.getMessage()) for r in caplog.records if r.levelno >= logging.ERROR] == []
    db.session.rollback()
    assert {view.name: view.last_error for view in list_plugins() if view.errors} == {}


def routes(site, method):
    """Return every rule that answers the method, what destroys last."""
    found = [r for r in site.url_map.iter_rules() if method in r.methods and r.endpoint != "accounts.logout"]
    return sorted(found, key=lambda r: any(word in r.endpoint for word in DESTRUCTIVE))


PART = re.compile(r"<(?:[^<>:]+:)?([^<>]+)>")


def path_of(rule, **changed):
    return PART.sub(lambda part: changed.get(part[1], BY_NAME.get(part[1], "1")), rule.rule)


def get(client, path, query=""):
    answer = client.open(path, query_string=query, method="GET")
    assert answer.status_code < 500, (path, query[:200])
    assert "Set-Cookie: x=1" not in str(answer.headers)
    assert "Traceback" not in answer.get_data(as_text=True)
    return answer


def post(client, path, names, value):
    return client.post(path, data=as_query(names, value), content_type=FORM)


def read_by_get(client, path):
    return names_asked_by(lambda names: get(client, path, as_query(names, "1")))


def is_in_admin(site, rule):
    return access_rule_of(site.view_functions[rule.endpoint]).kind is RuleKind.PERMISSION


@pytest.mark.parametrize("who", ["guest", "free"])
def test_no_parameter_breaks_a_page_of_the_site(site, shop, visit, quiet, who):
    client = visit(shop.emails[who] if who != "guest" else None)
    for number, rule in enumerate(routes(site, "GET")):
        path = path_of(rule)
        if is_in_admin(site, rule):
            get(client, path, as_query(["q", "next", "lang"], LONG))
            continue
        names = read_by_get(client, path)
        for value in share(NASTY.values(), one_in=3, begin=number):
            get(client, path, as_query(names, value))
            for name in names:
                get(client, path, as_query([name], value))


def test_no_parameter_breaks_a_screen_of_the_admin(site, visit, quiet):
    owner = visit(OWNER)
    tried = set()
    for number, rule in enumerate(routes(site, "GET")):
        if not is_in_admin(site, rule):
            continue
        path = path_of(rule)
        names = read_by_get(owner, path)
        for value in share(NASTY.values(), one_in=3, begin=number) if names else ():
            get(owner, path, as_query(names, value))
        # Lists share what reads their parameters: each alone on one of them is enough.
        for name in set(names) - tried:
            for kind in WORST:
                get(owner, path, as_query([name], NASTY[kind]))
        tried.update(names)
    known = {"q", "filter", "sort", "size", "after", "export", "number", "with", "add", "group"}
    assert known - tried == set(), "the parameters of views are no longer noticed"


@pytest.mark.parametrize("value", [LONG, "²", "٣", "-1", DEEP])
def test_no_value_breaks_a_filter_that_is_otherwise_right(site, visit, quiet, value):
    owner = visit(OWNER)
    right = {"add": "1", "apply": "1", "field": "family_name", "op": "contains", "value": "x", "into": "0"}
    condition = '{"all":[{"field":"family_name","op":"contains","value":"y"}]}'
    for name in right:
        query = "&".join(as_query([n], value if n == name else v) for n, v in right.items())
        get(owner, "/admin/customers/", f"filter={quote(condition)}&{query}")


def test_no_part_of_an_address_breaks_a_page(site, visit, quiet):
    owner = visit(OWNER)
    refused_by = set()
    for method in ("GET", "POST"):
        for number, rule in enumerate(routes(site, method)):
            for name, value in product(rule._converters, share(IN_ADDRESSES, one_in=2, begin=number)):
                path = path_of(rule, **{name: value})
                # What no route takes never reaches a view: once for each kind of part is enough.
                kind = (method, type(rule._converters[name]), value)
                if no_route_takes(site, path, method):
                    if kind in refused_by:
                        continue
                    refused_by.add(kind)
                assert owner.open(path, method=method).status_code < 500, (method, rule.rule, value[:20])


def no_route_takes(site, path, method):
    try:
        site.url_map.bind("localhost").match(unquote(path, errors="replace"), method=method)
    except NotFound:
        return True
    except HTTPException:
        return False
    return False


def test_no_field_of_a_form_breaks_the_admin(site, visit, quiet):
    owner = visit(OWNER)
    for number, rule in enumerate(routes(site, "POST")):
        if not is_in_admin(site, rule):
            continue
        path = path_of(rule)
        names = names_asked_by(lambda names, path=path: post(owner, path, names, "1"))
        for value in share(NASTY.values(), one_in=3, begin=number) if names else ():
            assert post(owner, path, names, value).status_code < 500, (rule.rule, value[:20])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/no-such-page", 404),
        ("/forms/no-such-form", 404),
        ("/forms/no-such-form/thanks", 404),
        ("/admin/plugins/no-such-plugin/disable", 404),
        ("/admin/plugins/no-such-plugin/settings", 404),
        ("/admin/customers/999999", 404),
        ("/admin/no-such-screen", 404),
        ("/admin/exports/?export=no-such-table", 404),
        ("/static/themes/no-such-theme/x.css", 404),
        ("/static/plugins/no-such-plugin/x.css", 404),
        ("/?preview_theme=no-such-theme", 200),
    ],
)
def test_what_does_not_exist_is_said_plainly(site, visit, quiet, path, status):
    answer = visit(OWNER).get(path)
    assert answer.status_code == status
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("path", ["/forms/contact", "/login", "/admin/pages/new", "/admin/customers/"])
@pytest.mark.parametrize("kind", ["form", "json", "multipart"])
def test_ten_megabytes_are_refused_and_nothing_is_stored(site, visit, quiet, path, kind):
    before = count(Customer), count(Submission)
    text = "x" * 10_000_000
    part = f'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n{text}\r\n--b--\r\n'
    mimetype, body = {
        "form": (FORM, f"name={text}&email=a@example.jp&message=x&consent=1"),
        "json": ("application/json", json.dumps({"name": text})),
        "multipart": ("multipart/form-data; boundary=b", part),
    }[kind]
    assert visit(OWNER).post(path, data=body, content_type=mimetype).status_code == 413
    assert (count(Customer), count(Submission)) == before


def count(model):
    db.session.rollback()
    return db.session.execute(select(func.count()).select_from(model)).scalar_one()


def test_lone_surrogates_in_json_store_nothing(site, shop, visit, quiet):
    answer = visit().post(
        "/forms/contact",
        data='{"name": "a\\ud800b", "email": "a@example.jp", "message": "x\\u0000", "consent": "1"}',
        content_type="application/json",
        headers={"Accept": "application/json"},
    )
    assert answer.status_code in (400, 422)
    assert answer.json["status"] != "sent"
    assert count(Submission) == 0


def test_a_broken_plugin_folder_is_named_in_the_admin_and_the_site_serves(database_url, tmp_path, login):
    from core.config import ROOT

    folder = tmp_path / "plugins"
    for name in ("sample_broken_import", "sample_exit_import"):
        shutil.copytree(SAMPLE_PLUGINS / name, folder / name)
    (folder / "torn").mkdir()
    (folder / "torn" / "plugin.toml").write_bytes(b"name = \xff\xfe")
    app = make_app(tmp_path, database_url, plugin_folders=(ROOT / "plugins", folder))
    app.test_client_class = Client
    with opened(app):
        open_shop()
        owner = app.test_client()
        login(owner, OWNER)
        page = owner.get("/admin/plugins").text
        for name in ("sample_broken_import", "sample_exit_import", "torn"):
            assert name in page
        for path in ("/", "/contact", "/gold", "/admin/", "/admin/customers/"):
            assert owner.get(path).status_code == 200
        answer = owner.post("/admin/plugins/sample_broken_import/enable")
        assert answer.status_code == 302
