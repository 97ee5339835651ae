"""Flask-Login, fed from Kaiin's own session table and from nothing else."""

from typing import Any

from flask import g
from flask_login import LoginManager


class SessionTableLoginManager(LoginManager):
    """Makes `current_user` the account that the gate found in the session table.

    Flask's signed session cookie and Flask-Login's remember cookie never carry identity: both
    can be replayed after log-out.
    """

    def _load_user(self) -> Any:
        return self._update_request_context_with_user(g.get("account"))

    def _update_remember_cookie(self, response: Any) -> Any:
        return response
