"""CSV export: one admin screen and one command over every registered export."""
