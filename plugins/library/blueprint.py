"""The blueprints that every room's views stand on."""

from flask import Blueprint

site = Blueprint("library", __name__)
admin = Blueprint("library_admin", __name__)
