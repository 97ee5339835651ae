"""Files that visitors send: taken, held, checked, served to staff, deleted."""
