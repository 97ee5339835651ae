"""A bare Flask page: no database, no session, no template; as many bytes as the page it is compared with."""

import os

from flask import Flask

app = Flask("page")
BODY = "x" * int(os.environ.get("BENCH_PAGE_BYTES", "1000"))


@app.get("/")
def page() -> str:
    return BODY
