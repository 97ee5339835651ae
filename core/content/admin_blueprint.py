"""The blueprint of the content screens; core mounts it at `/admin`."""

from flask import Blueprint

blueprint = Blueprint("content_admin", __name__)
