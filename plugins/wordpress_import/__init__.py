"""Moving in from WordPress."""
