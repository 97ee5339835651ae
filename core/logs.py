"""Structured logs: one JSON object a line, without form contents, tokens or personal data."""

import json
import logging
import time
import traceback
from typing import Any

from flask import Flask, Response, g, request

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JSONFormatter(logging.Formatter):
    """Formats a record as one line of JSON; of an exception it keeps type and places only."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update({k: v for k, v in vars(record).items() if k not in _STANDARD})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["places"] = places_of(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=str)


def places_of(trace: Any, limit: int = 12) -> list[str]:
    """Return `file:line function` for each frame; messages may hold personal data, places not."""
    return [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(trace)[-limit:]]


def init_logs(app: Flask) -> None:
    """Send all logs to standard error as JSON and log each request in one line."""
    if app.testing:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JSONFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("alembic", "huey", "werkzeug"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def log_server_error(error: BaseException) -> None:
    """Log an error that ended a request: its type, its places and the endpoint."""
    logging.getLogger("kaiin.request").error(
        "request failed",
        exc_info=(type(error), error, error.__traceback__),
        extra={"endpoint": request.endpoint, "method": request.method, "account": _account_id()},
    )


def _account_id() -> int | None:
    account = g.get("account")
    return account.id if account is not None else None


def log_request(response: Response) -> Response:
    """Log refused and failed requests by endpoint; successful ones are the proxy's business."""
    if response.status_code >= 500:
        logging.getLogger("kaiin.request").warning(
            "answered", extra={"status": response.status_code, "endpoint": request.endpoint}
        )
    return response
