"""What a form asks, and whether answers are right."""
