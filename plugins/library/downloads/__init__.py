"""Downloads: the short links, the caps and the log."""
