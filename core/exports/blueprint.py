"""Where the views of exports register."""

from flask import Blueprint

blueprint = Blueprint("exports_admin", __name__)
