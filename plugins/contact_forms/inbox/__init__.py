"""Where staff read messages and work on them."""
