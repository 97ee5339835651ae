"""The blueprint of the privacy desk's screens in the admin."""

from flask import Blueprint

blueprint = Blueprint("privacy_admin", __name__)
