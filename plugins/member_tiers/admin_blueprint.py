"""The blueprint that the plugin's admin screens hang on."""

from flask import Blueprint

admin = Blueprint("member_tiers_admin", __name__)
