"""Who may see and send a form."""
