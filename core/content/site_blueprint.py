"""The blueprint of the public pages; core mounts it last, at `/`."""

from flask import Blueprint

blueprint = Blueprint("site", __name__)
