"""The blueprint that all customer screens of the admin belong to."""

from flask import Blueprint

blueprint = Blueprint("customers_admin", __name__)
