"""One change to many customers at once, as background work: seen, stopped, gone on with, undone."""
