"""Declarative lists: declare a `Listing`, answer its view with `render_listing`."""

from core.admin.listing.declaration import BulkAction, EmptyState, Listing, ListingMistake, ListView
from core.admin.listing.rendering import render_listing

__all__ = ["BulkAction", "EmptyState", "ListView", "Listing", "ListingMistake", "render_listing"]
