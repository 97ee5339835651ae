"""Screens and verbs that build forms."""
