"""How long messages are kept, what is held back from deletion, and what was deleted when."""
