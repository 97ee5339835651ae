"""The least that could give the same answer, on the same server with the same settings."""
