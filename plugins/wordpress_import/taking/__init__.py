"""What becomes of each kind of row."""
