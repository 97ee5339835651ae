"""Files: kept, described, listed and found."""
