"""The blueprint of core's own admin screens; core mounts it at `/admin`."""

from flask import Blueprint

blueprint = Blueprint("admin", __name__)
