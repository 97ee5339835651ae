"""The blueprints that every room's views stand on."""

from flask import Blueprint

site = Blueprint("contact_forms", __name__)
admin = Blueprint("contact_forms_admin", __name__)
