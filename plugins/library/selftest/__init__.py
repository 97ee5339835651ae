"""What the leak test plants in the library."""
