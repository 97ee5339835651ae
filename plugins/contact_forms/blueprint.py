"""The blueprint of the admin screens. Each module of views takes it from the one before."""

from flask import Blueprint

admin = Blueprint("contact_forms_admin", __name__)
