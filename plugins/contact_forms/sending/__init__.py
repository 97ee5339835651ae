"""What happens while a visitor waits."""
