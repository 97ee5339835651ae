"""The blueprint of the member's pages; each part of the plugin hangs its own on it."""

from flask import Blueprint

site = Blueprint("member_tiers", __name__)
