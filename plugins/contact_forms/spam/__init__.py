"""What is not wanted, and how it is known."""
